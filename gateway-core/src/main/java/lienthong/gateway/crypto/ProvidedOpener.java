package lienthong.gateway.crypto;

import java.util.Optional;
import lienthong.gateway.cipher.CipherProvider;

/** One payload on its way back through the State cipher service's product; throws {@link TokenAway} when that does not answer. One thread. */
public final class ProvidedOpener {
    private final InstalledCipher cipher;
    private final CipherProvider.PayloadOpener opener;

    ProvidedOpener(InstalledCipher cipher, CipherProvider.PayloadOpener opener) {
        this.cipher = cipher;
        this.opener = opener;
    }

    /** Takes the next bytes; gives text; empty when it is not what was enciphered: then nothing more is asked. */
    public Optional<byte[]> update(byte[] in, int offset, int length) {
        return cipher.guarded(() -> opener.update(in, offset, length));
    }

    /** Ends the payload; empty also when bytes are missing. */
    public Optional<byte[]> finish() {
        return cipher.guarded(opener::finish);
    }
}
