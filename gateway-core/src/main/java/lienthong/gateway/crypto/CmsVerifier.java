package lienthong.gateway.crypto;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * Checks detached CMS signatures in the one form that {@link SigningKey#signCms} makes: rebuilt and compared byte for byte, so exactly one
 * signer, this certificate, the key's own algorithm, low s, no unsigned attributes, DER, nothing after the end. Whether the certificate is
 * the right one, valid and not revoked, is the caller's question. Stateless, thread-safe; about 0.1 ms for P-256.
 */
public final class CmsVerifier {
    private CmsVerifier() {}

    /** Empty when good; otherwise SEAL_INVALID, the same for every reason. */
    public static Optional<Refusal> verify(Bytes cms, Bytes content, Certificate signer) {
        return verifyTime(cms, content, signer).fold(good -> Optional.empty(), Optional::of);
    }

    /** The same, giving the signing time that the signer claims. */
    public static Result<Instant> verifyTime(Bytes cms, Bytes content, Certificate signer) {
        if (cms.size() > Limits.CMS_BYTES_MAX) {
            return Result.no(Refusal.of(ErrorCode.SEAL_INVALID));
        }
        return CmsForm.read(cms)
                .filter(received -> isOurForm(cms, content, signer, received))
                .map(received -> Result.ok(received.time()))
                .orElseGet(() -> Result.no(Refusal.of(ErrorCode.SEAL_INVALID)));
    }

    /**
     * The hash of the certificate that a CMS names as its signer (RFC 5035 signing certificate v2): where to look, before {@link #verify}
     * with what was found; empty for anything that is no CMS of ours.
     */
    public static Optional<Hash> claimedSigner(Bytes cms) {
        return cms.size() > Limits.CMS_BYTES_MAX ? Optional.empty() : CmsForm.claimedSigner(cms);
    }

    private static boolean isOurForm(Bytes cms, Bytes content, Certificate signer, CmsForm.Received received) {
        byte[] attributes = CmsForm.signedAttributes(signer, content, received.time());
        byte[] signature = received.signature().toArray();
        return CmsForm.encode(signer, attributes, signature).equals(cms)
                && signer.publicKey().verifies(attributes, signature);
    }
}
