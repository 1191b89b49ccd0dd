package lienthong.gateway.store;

/**
 * One line of the view, as delivery's {@link Projection} makes it from a live value. Texts are at most 100 characters except
 * {@code recipients}; an unused text is empty.
 *
 * @param envelope key of the envelope the line belongs to; the own key for an envelope's line
 * @param messageId 32 digits
 * @param direction a word: {@code out}, {@code in}, {@code relay}
 * @param sender address
 * @param recipients addresses, one blank between
 * @param service a word
 * @param precedence 0 to 4
 * @param state a word of delivery's table of states
 * @param createdMs claimed time, milliseconds since 1970
 * @param changedMs when the state changed, by this node's clock
 * @param bytes size of the payload
 * @param detail reason or neighbour, for people
 */
public record Row(
        long envelope,
        String messageId,
        String direction,
        String sender,
        String recipients,
        String service,
        int precedence,
        String state,
        long createdMs,
        long changedMs,
        long bytes,
        String detail) {}
