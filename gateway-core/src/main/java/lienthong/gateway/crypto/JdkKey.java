package lienthong.gateway.crypto;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/**
 * A private key behind the JDK's interface: RSA, or one that never leaves its PKCS#11 token. The JDK picks the provider by the key. Every
 * signature is checked under the certificate before it is given out: a wrong key, a fault, a half-pulled token must not become a seal.
 */
final class JdkKey implements RawSigner {
    private final PrivateKey key;
    private final VerifyingKey publicKey;

    JdkKey(PrivateKey key, VerifyingKey publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    @Override
    public KeyAlgorithm algorithm() {
        return publicKey.algorithm();
    }

    @Override
    public byte[] sign(byte[] content) {
        byte[] signature;
        try {
            Signature signer = signature();
            signer.initSign(key);
            signer.update(content);
            signature = lowS(signer.sign());
        } catch (GeneralSecurityException | java.security.ProviderException away) {
            throw new TokenAway("the token does not sign", away);
        }
        if (!publicKey.verifies(content, signature)) {
            throw new TokenAway("the token's signature does not verify under its certificate");
        }
        return signature;
    }

    private Signature signature() throws GeneralSecurityException {
        return switch (algorithm()) {
            case ECDSA_P256, ECDSA_P384 -> Signature.getInstance(algorithm().digest.signaturePrefix + "ECDSA");
            case RSA_PKCS1 -> Signature.getInstance("SHA256withRSA");
            case RSA_PSS -> {
                Signature pss = Signature.getInstance("RSASSA-PSS");
                pss.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
                yield pss;
            }
            case ML_DSA_65, ML_DSA_87 -> Signature.getInstance("ML-DSA");
        };
    }

    private byte[] lowS(byte[] signature) {
        if (!algorithm().isElliptic()) {
            return signature;
        }
        var domain = Curve.of(algorithm());
        return Curve.decode(domain, signature)
                .map(numbers -> Curve.encodeLow(domain, numbers.r(), numbers.s()))
                .orElse(signature);
    }
}
