package lienthong.gateway.environment;

import java.security.SecureRandom;

/** The JDK's default {@link SecureRandom}: the kernel's generator on Linux. */
final class RealRandomness implements Randomness {
    private final SecureRandom random = new SecureRandom();

    @Override
    public byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public SecureRandom secureRandom() {
        return random;
    }
}
