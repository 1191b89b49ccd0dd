package lienthong.gateway.delivery;

import java.util.Optional;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.store.Kind;

/** Which statement a stored value holds about the spool file it names, for who can check one. */
public final class CustodyPayload {
    private CustodyPayload() {}

    /** The statement as received; empty for values of other kinds, without a spool file, or of another version. */
    public static Optional<Bytes> statement(Kind kind, Bytes value) {
        if (kind != Kind.BODY) {
            return Optional.empty();
        }
        try {
            Records.Body body = Records.Body.decode(value);
            return body.sealed().ciphertext() instanceof Ciphertext.Spooled
                    ? Optional.of(body.sealed().statement())
                    : Optional.empty();
        } catch (Bug other) {
            return Optional.empty();
        }
    }
}
