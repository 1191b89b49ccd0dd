package lienthong.gateway.cipher;

import java.util.Optional;

/**
 * A product of the State cipher service under one suite number: what carries the mark mật is enciphered by it, payload and content key alike, and
 * never by the gateway's own suites. The gateway keeps core, slots, statement and seal as they are in every envelope, so nodes without the product
 * verify and carry what they cannot open.
 *
 * <p>Registered in {@code META-INF/services/lienthong.gateway.cipher.CipherProvider}; public class with a public constructor without arguments. At
 * most one may be installed. At start the gateway makes a key and sends a text through {@link #wrap} and {@link #sealer} and back: a product that
 * does not return it, or opens it altered, keeps the node from starting.
 *
 * <p>Duties of an implementation:
 *
 * <ul>
 *   <li>Thread-safe; {@link PayloadSealer}, {@link PayloadOpener} are one thread's. Arrays given in are the caller's: never kept, never changed.
 *       Arrays given back are the gateway's, which overwrites those that hold keys.
 *   <li>Its own randomness, of its own approved source.
 *   <li>Authenticated encryption that commits to its key: what opens under one content key and context opens under no other.
 *   <li>Hostile input is answered by an empty result, one face for every way of not opening, in time that tells nothing. Exceptions mean that the
 *       product (a card, a module) does not answer now: the gateway then refuses with LT-4009 TOKEN_AWAY, keeps what it has, and tries later.
 *   <li>Sizes and suite number never change in a process's life. A product with other sizes or other bytes takes another number.
 * </ul>
 *
 * <p>Source: docs/spec/envelope.md, "Providers".
 */
public interface CipherProvider {
    /** Bytes by which {@link Wrapped#wrap} is longer than its text, for every product. */
    int WRAP_OVERHEAD_BYTES = 16;

    /** Bytes of a content key. */
    int CONTENT_KEY_BYTES = 32;

    /** The suite number that the State cipher service assigned to the product: 128 to 255. */
    int suite();

    /** Name and version for the operator's status page: 1 to 64 printable characters. */
    String product();

    /** Size of every public key, 1 to 2,048: eight of them are published at a time in each address's bundle. */
    int publicKeyBytes();

    /** Size of every {@link Wrapped#enc}, 0 to 1,664. */
    int encBytes();

    /**
     * Whether these are the bytes of a usable public key, fully validated (sizes, ranges, group membership). They come from the directory, signed by
     * the address they belong to.
     */
    boolean isPublicKey(byte[] publicKey);

    /** Makes a key pair for one address and one week. */
    PrivateKey generateKey();

    /**
     * A key pair made before.
     *
     * @param encoded from {@link PrivateKey#encoded}
     * @return empty when it is none
     */
    Optional<PrivateKey> decodeKey(byte[] encoded);

    /** {@link #CONTENT_KEY_BYTES} fresh bytes nobody can guess: the key of one payload. */
    byte[] newContentKey();

    /**
     * Enciphers a short text, which holds a content key, to the holder of a public key. Each call stands for itself; an equal one gives other bytes.
     *
     * @param publicKey one that {@link #isPublicKey} accepted
     * @param context what the wrap is bound to: network, sender, key, core, slot, 32 bytes that were never used before
     * @param text 288 bytes
     */
    Wrapped wrap(byte[] publicKey, byte[] context, byte[] text);

    /**
     * The reverse of {@link #wrap}.
     *
     * @return the text; empty for another key, another context, or any other bytes
     */
    Optional<byte[]> unwrap(PrivateKey key, byte[] context, Wrapped wrapped);

    /**
     * Starts enciphering one payload, of any length up to 2 TiB, in constant memory. Enciphering may add at most one part in 64, and 4 KiB.
     *
     * @param contentKey from {@link #newContentKey}; used for this payload alone
     * @param context what the payload is bound to: the hash of the envelope's core
     */
    PayloadSealer sealer(byte[] contentKey, byte[] context);

    /** Starts deciphering, in constant memory: the reverse of {@link #sealer}. */
    PayloadOpener opener(byte[] contentKey, byte[] context);

    /** A key pair of this product. */
    interface PrivateKey {
        /** {@link CipherProvider#publicKeyBytes} bytes. */
        byte[] publicKey();

        /**
         * What the gateway keeps in its key folder, in a file of the owner's alone: the key, or the name or wrapped form of one that never leaves its
         * module. 1 to 4,096 bytes.
         */
        byte[] encoded();

        /** Its week and every message under way are over: overwrites it, and deletes it in its module. Idempotent; never used again. */
        void destroy();
    }

    /**
     * What stands in a slot.
     *
     * @param enc {@link CipherProvider#encBytes} bytes, whatever the product needs besides the wrap: an encapsulated key, a nonce
     * @param wrap the enciphered text with its tag, {@link CipherProvider#WRAP_OVERHEAD_BYTES} longer than the text
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way between two programs; nobody compares them
    record Wrapped(byte[] enc, byte[] wrap) {}

    /** Enciphers one payload as it comes. */
    interface PayloadSealer {
        /** Takes the next bytes; gives what became enciphered, perhaps nothing. */
        byte[] update(byte[] in, int offset, int length);

        /** Ends the payload; gives the rest. Not called when the payload is abandoned. */
        byte[] finish();
    }

    /** Deciphers one payload as it comes. */
    interface PayloadOpener {
        /** Takes the next bytes; gives text that was checked, perhaps nothing; empty when it is not what was enciphered. */
        Optional<byte[]> update(byte[] in, int offset, int length);

        /** Ends the payload; gives the rest of the text; empty also when bytes are missing. */
        Optional<byte[]> finish();
    }
}
