package lienthong.gateway.client;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;

/**
 * A message in the making, in steps: {@code message().from(me).to(address).service(DOCUMENT)} and then, in any order, what may be said besides, and
 * {@code send()}. Each step returns the next; a step may be kept and used again. Not for two threads at once.
 */
public final class Message {
    private final Sender client;
    private final Address from;
    private final List<Address> to;
    private final Service service;
    private Optional<String> subject = Optional.empty();
    private Optional<String> contentType = Optional.empty();
    private Optional<String> correlation = Optional.empty();
    private Optional<String> ordering = Optional.empty();
    private Optional<String> clientId = Optional.empty();
    private Precedence precedence = Precedence.ROUTINE;
    private SecrecyMark mark = SecrecyMark.NONE;
    private Lifetime lifetime = Lifetime.DEFAULT;
    private final List<Part> parts = new ArrayList<>();
    private Optional<Refusal> fault = Optional.empty();

    private Message(Sender client, Address from, List<Address> to, Service service) {
        this.client = client;
        this.from = from;
        this.to = to;
        this.service = service;
    }

    /** Who takes it when it is said. */
    @FunctionalInterface
    interface Sender {
        Submission send(Message message);
    }

    /** First step. */
    public static final class Begun {
        private final Sender client;

        Begun(Sender client) {
            this.client = client;
        }

        /** The sender: the client's own address, or the sending is refused with {@code SENDER_NOT_YOURS}. */
        public Addressed from(Address sender) {
            return new Addressed(client, sender);
        }
    }

    /** Second step. */
    public static final class Addressed {
        private final Sender client;
        private final Address from;

        private Addressed(Sender client, Address from) {
            this.client = client;
            this.from = from;
        }

        /** The recipients, 1 to 1,000, in any order; one unknown among them refuses the whole. */
        public Kind to(Address first, Address... more) {
            List<Address> all = new ArrayList<>(List.of(first));
            all.addAll(Arrays.asList(more));
            return to(all);
        }

        /** The same. */
        public Kind to(List<Address> recipients) {
            return new Kind(client, from, List.copyOf(new TreeSet<>(recipients)));
        }
    }

    /** Third step. */
    public static final class Kind {
        private final Sender client;
        private final Address from;
        private final List<Address> to;

        private Kind(Sender client, Address from, List<Address> to) {
            this.client = client;
            this.from = from;
            this.to = to;
        }

        /** What kind of message it is. */
        public Message service(Service service) {
            return new Message(client, from, to, service);
        }
    }

    /** One clean line, at most 500 characters; inside the encryption. */
    public Message subject(String text) {
        subject = Optional.of(text);
        return this;
    }

    /** Media type of the whole. */
    public Message contentType(String type) {
        contentType = Optional.of(type);
        return this;
    }

    /** The application's own, at most 64 characters: for instance the id of the message this one answers. */
    public Message correlation(String text) {
        correlation = Optional.of(text);
        return this;
    }

    /** Messages with the same key to the same recipient are handed over in the order in which they were sent; at most 64 characters. */
    public Message ordering(String key) {
        ordering = Optional.of(key);
        return this;
    }

    /**
     * The application's own name of this message, at most 64 characters: a second send under it, also after a crash, gives the first answer
     * again instead of a second message. Remembered for 30 days.
     */
    public Message clientId(String id) {
        clientId = Optional.of(id);
        return this;
    }

    /** Thường unless said otherwise. */
    public Message precedence(Precedence value) {
        precedence = value;
        return this;
    }

    /** None unless said otherwise; what is marked tối mật or tuyệt mật is refused. */
    public Message mark(SecrecyMark value) {
        mark = value;
        return this;
    }

    /** 30 days unless said otherwise. */
    public Message lifetime(Lifetime value) {
        lifetime = value;
        return this;
    }

    /** Adds a part held in memory; the bytes are copied. At most 256 parts. */
    public Message part(String name, String type, byte[] bytes) {
        parts.add(Part.of(name, type, bytes));
        return this;
    }

    /** Adds a part read from a file of any size while sealing; it must not change before {@link #send} returns. */
    public Message part(String name, String type, Path file) {
        PlainFiles.length(file)
                .fold(length -> parts.add(new Part(name, type, length, () -> PlainFiles.open(file))), no -> {
                    fault = fault.isPresent() ? fault : Optional.of(no);
                    return false;
                });
        return this;
    }

    /**
     * Seals and sends. Blocks until the node has the message or says no, at most about 30 s beyond the time that sealing takes (1 s for each GB);
     * an interrupt ends the waiting, not the sending. Any thread.
     *
     * @return what became of it; never throws for what can ordinarily happen
     */
    public Submission send() {
        return fault.<Submission>map(Submission.Refused::new).orElseGet(() -> client.send(this));
    }

    // ---- for the sealer

    Address from() {
        return from;
    }

    List<Address> to() {
        return to;
    }

    Service service() {
        return service;
    }

    Optional<String> subject() {
        return subject;
    }

    Optional<String> contentType() {
        return contentType;
    }

    Optional<String> correlation() {
        return correlation;
    }

    Optional<String> ordering() {
        return ordering;
    }

    Precedence precedence() {
        return precedence;
    }

    SecrecyMark mark() {
        return mark;
    }

    Lifetime lifetime() {
        return lifetime;
    }

    List<Part> parts() {
        return List.copyOf(parts);
    }

    Result<Optional<ClientId>> name() {
        return clientId.<Result<Optional<ClientId>>>map(
                        text -> ClientId.parse(text).map(Optional::of))
                .orElseGet(() -> Result.ok(Optional.empty()));
    }

    /** SHA-256 over all that was said, so that another meaning under the same client id is seen; of files only name, type and length. */
    Hash request() {
        MessageDigest digest = Hash.digest();
        List<String> said = new ArrayList<>();
        to.forEach(address -> said.add(address.toString()));
        said.add(service.word());
        said.addAll(List.of(
                subject.orElse(""),
                contentType.orElse(""),
                correlation.orElse(""),
                ordering.orElse(""),
                precedence.name(),
                mark.name(),
                String.valueOf(lifetime.seconds())));
        parts.forEach(part -> said.addAll(List.of(part.name(), part.type(), String.valueOf(part.length()))));
        for (String text : said) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.update(java.nio.ByteBuffer.allocate(4).putInt(bytes.length).flip());
            digest.update(bytes);
        }
        return new Hash(Bytes.ofOwned(digest.digest()));
    }

    /**
     * What can be refused without directory or keys.
     *
     * @param cipher whether a product of the State cipher service is installed
     */
    Optional<Refusal> fault(Address me, boolean cipher) {
        if (!from.equals(me)) {
            return Optional.of(Refusal.of(ErrorCode.SENDER_NOT_YOURS, "from {0}: this client is {1}", from, me));
        }
        if (to.isEmpty() || to.size() > Limits.RECIPIENTS_MAX) {
            return Optional.of(Refusal.of(
                    ErrorCode.TOO_MANY_RECIPIENTS, "{0} recipients, 1 to {1}", to.size(), Limits.RECIPIENTS_MAX));
        }
        return switch (mark) {
            case NONE -> Optional.empty();
            case CONFIDENTIAL ->
                cipher
                        ? Optional.empty()
                        : Optional.of(Refusal.of(
                                ErrorCode.SECRECY_NEEDS_CIPHER, "mật needs a product of the State cipher service"));
            case SECRET, TOP_SECRET ->
                Optional.of(
                        Refusal.of(ErrorCode.SECRECY_TOO_HIGH, "{0} never travels on this network", mark.vietnamese()));
        };
    }
}
