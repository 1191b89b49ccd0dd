package lienthong.gateway.crypto;

import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;

/**
 * One encapsulation to one recipient, from which any number of wrapping keys are exported (RFC 9180 §5.1.1, §5.3). Whoever exports twice with
 * the same context gets the same key: a key for {@link SingleUseCipher} needs fresh bytes in its exporter context. Thread-safe.
 */
public final class HpkeSender {
    private final Bytes enc;
    private final HPKEContextWithEncapsulation context;

    private HpkeSender(HPKEContextWithEncapsulation context) {
        this.enc = Bytes.copyOf(context.getEncapsulation());
        this.context = context;
    }

    /**
     * Encapsulates to {@code recipient}: 0.1 to 0.4 ms.
     *
     * @param info bound to the context for its whole life; the recipient must give the same
     */
    public static HpkeSender start(RecipientKey recipient, Bytes info, Randomness randomness) {
        return start(recipient, info, randomness.bytes(recipient.suite().hpke().encapsulationBytes()));
    }

    /** The same with the randomness given, for published vectors and deterministic scenarios; with a repeated value there is no secrecy. */
    static HpkeSender start(RecipientKey recipient, Bytes info, byte[] encapsulationRandomness) {
        return of(recipient.suite().hpke().sender(recipient.parsed(), info.toArray(), encapsulationRandomness));
    }

    static HpkeSender of(HPKEContextWithEncapsulation context) {
        return new HpkeSender(context);
    }

    /** What the recipient needs: {@link Suite#encBytes()} bytes. */
    public Bytes enc() {
        return enc;
    }

    /** Context.Export(exporter_context, L), RFC 9180 §5.3; {@code size} 1 to 255 × the hash's size. */
    public SecretBytes export(Bytes exporterContext, int size) {
        Invariant.check(size > 0, "export of %d bytes", size);
        byte[] label = exporterContext.toArray();
        // BouncyCastle's HKDF keeps state between its calls.
        synchronized (context) {
            return SecretBytes.ofOwned(context.export(label, size));
        }
    }
}
