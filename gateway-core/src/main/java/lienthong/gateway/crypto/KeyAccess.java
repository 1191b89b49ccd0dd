package lienthong.gateway.crypto;

/**
 * The right to put secret bytes into {@link SecretBytes} or to copy them out. It carries nothing: it makes every such place searchable. The
 * single source is {@link UnsafeKeyAccess#get()}; an architecture rule lists who may call it, and why.
 */
public final class KeyAccess {
    static final KeyAccess INSTANCE = new KeyAccess();

    private KeyAccess() {}
}
