package lienthong.gateway.store;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import lienthong.gateway.environment.Randomness;

/** Bytes from a seed. */
public final class SeededRandomness implements Randomness {
    private final SplittableRandom random;

    public SeededRandomness(long seed) {
        random = new SplittableRandom(seed);
    }

    @Override
    public byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public SecureRandom secureRandom() {
        throw new UnsupportedOperationException("the store asks for bytes only");
    }
}
