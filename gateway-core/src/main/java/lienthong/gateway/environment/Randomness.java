package lienthong.gateway.environment;

/** Where every random byte comes from. Thread-safe in its real form. */
public interface Randomness {
    /** {@code size} bytes nobody can guess. */
    byte[] bytes(int size);

    /** The same source as the JDK's type, for libraries that ask for one (key generation, blinding). */
    java.security.SecureRandom secureRandom();

    /** 64 random bits, never zero: an incarnation, a session number. */
    default long nonZeroLong() {
        long value;
        do {
            value = java.nio.ByteBuffer.wrap(bytes(8)).getLong();
        } while (value == 0);
        return value;
    }

    /** The operating system's generator. */
    static Randomness real() {
        return new RealRandomness();
    }
}
