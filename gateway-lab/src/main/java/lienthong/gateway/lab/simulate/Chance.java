package lienthong.gateway.lab.simulate;

import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.List;
import java.util.SplittableRandom;
import lienthong.gateway.environment.Randomness;

/** Choices and bytes from a seed. One thread. */
final class Chance implements Randomness {
    private final SplittableRandom random;
    private final SecureRandom secure;

    Chance(long seed) {
        random = new SplittableRandom(seed);
        secure = new Seeded(random);
    }

    /** Another one, whose choices do not depend on how often this one is asked. */
    static Chance of(long seed, long part) {
        return new Chance(mixed(seed, part));
    }

    /** A number that nobody would mistake for either. */
    static long mixed(long seed, long part) {
        long mixed = (seed + 0x9E37_79B9_7F4A_7C15L) * 0xBF58_476D_1CE4_E5B9L ^ part * 0x94D0_49BB_1331_11EBL;
        return mixed ^ mixed >>> 31;
    }

    /** 0 to {@code bound} − 1. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Both included. */
    long between(long least, long most) {
        return least + random.nextLong(most - least + 1);
    }

    /** Once in so many times. */
    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    boolean coin() {
        return random.nextBoolean();
    }

    long number() {
        return random.nextLong();
    }

    <T> T of(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    @Override
    public byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public SecureRandom secureRandom() {
        return secure;
    }

    /** The same source in the JDK's type. */
    private static final class Seeded extends SecureRandom {
        private static final long serialVersionUID = 1L;

        Seeded(SplittableRandom source) {
            super(new Spi(source), null);
        }

        private static final class Spi extends SecureRandomSpi {
            private static final long serialVersionUID = 1L;
            private final transient SplittableRandom source;

            Spi(SplittableRandom source) {
                this.source = source;
            }

            @Override
            protected void engineSetSeed(byte[] seed) {
                // The run's seed is the only one.
            }

            @Override
            protected void engineNextBytes(byte[] bytes) {
                source.nextBytes(bytes);
            }

            @Override
            protected byte[] engineGenerateSeed(int size) {
                byte[] bytes = new byte[size];
                source.nextBytes(bytes);
                return bytes;
            }
        }
    }
}
