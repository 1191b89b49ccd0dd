package lienthong.gateway.crypto;

/**
 * Where the right to see secret bytes comes from. Ask for it only to write a key to its protected file, to hand one to a library that takes
 * arrays, or in a test; overwrite the array afterwards. Never to log, to compare (use {@link SecretBytes#sameAs}) or to pass on.
 */
public final class UnsafeKeyAccess {
    private UnsafeKeyAccess() {}

    public static KeyAccess get() {
        return KeyAccess.INSTANCE;
    }
}
