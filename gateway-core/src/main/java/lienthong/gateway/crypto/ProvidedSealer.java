package lienthong.gateway.crypto;

import lienthong.gateway.cipher.CipherProvider;

/** One payload on its way through the State cipher service's product; throws {@link TokenAway} when that does not answer. One thread. */
public final class ProvidedSealer {
    private final InstalledCipher cipher;
    private final CipherProvider.PayloadSealer sealer;

    ProvidedSealer(InstalledCipher cipher, CipherProvider.PayloadSealer sealer) {
        this.cipher = cipher;
        this.sealer = sealer;
    }

    /** Takes the next bytes; gives what became enciphered. */
    public byte[] update(byte[] in, int offset, int length) {
        return cipher.guarded(() -> sealer.update(in, offset, length));
    }

    /** Ends the payload; gives the rest. */
    public byte[] finish() {
        return cipher.guarded(sealer::finish);
    }
}
