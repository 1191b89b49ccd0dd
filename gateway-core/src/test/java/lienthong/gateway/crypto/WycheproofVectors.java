package lienthong.gateway.crypto;

import static lienthong.gateway.crypto.VectorRunner.hex;
import static lienthong.gateway.crypto.VectorRunner.hexOrEmpty;
import static lienthong.gateway.crypto.VectorRunner.holds;
import static lienthong.gateway.crypto.VectorRunner.present;
import static lienthong.gateway.crypto.VectorRunner.same;
import static lienthong.gateway.crypto.VectorRunner.unknown;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.crypto.VectorRunner.Mismatch;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Wycheproof (C2SP): {@code valid} must be accepted with the output given, {@code invalid} must be refused, {@code acceptable} is decided
 * once here, by flag.
 */
final class WycheproofVectors {
    /**
     * What we do with an {@code acceptable} case: true, accept and give the output; false, refuse. X25519 on the twist or non-canonical is
     * computed, an all-zero secret never (RFC 9180 §7.1.4). PKCS#1 without the NULL is accepted, as the JDK does and RFC 8017 A.2.4 allows: it
     * takes the key's owner to make one. Flags not named: either, but a right output.
     */
    private static final Map<String, Boolean> ACCEPTABLE = Map.of(
            "ZeroSharedSecret",
            false,
            "CompressedPoint",
            true,
            "CompressedPublic",
            true,
            "MissingNull",
            true,
            "NonCanonicalPublic",
            true,
            "Twist",
            true);

    private interface Family {
        void run(JsonObject group, JsonObject test);
    }

    private static final Map<String, Family> FAMILIES = Map.ofEntries(
            Map.entry("AeadTest", WycheproofVectors::aesGcm),
            Map.entry("HkdfTest", WycheproofVectors::hkdf),
            Map.entry("MacTest", WycheproofVectors::hmac),
            Map.entry("ChunkedEncryption", WycheproofVectors::chunked),
            Map.entry("EcdsaVerify", WycheproofVectors::ecdsa),
            Map.entry("RsassaPkcs1Verify", WycheproofVectors::rsa),
            Map.entry("RsassaPkcs1Generate", WycheproofVectors::rsaGenerate),
            Map.entry("RsassaPssVerify", WycheproofVectors::rsaPss),
            Map.entry("XdhComp", WycheproofVectors::x25519),
            Map.entry("EcdhEcpointTest", WycheproofVectors::ecdhPoint),
            Map.entry("EcdhTest", WycheproofVectors::ecdhKeyInfo),
            Map.entry("MLKEMTest", WycheproofVectors::mlKem),
            Map.entry("MLKEMEncapsTest", WycheproofVectors::mlKemEncapsulate),
            Map.entry("MLKEMKeyGen", WycheproofVectors::mlKemKey),
            Map.entry("MLKEMDecapsValidationTest", WycheproofVectors::mlKemExpanded),
            Map.entry("MlDsaSign", WycheproofVectors::mlDsaSign),
            Map.entry("MlDsaVerify", WycheproofVectors::mlDsaVerify));

    private WycheproofVectors() {}

    static void run(VectorRunner runner, JsonObject file) {
        String algorithm = file.get("algorithm").getAsString();
        for (JsonElement group : file.getAsJsonArray("testGroups")) {
            JsonObject parameters = group.getAsJsonObject();
            parameters.addProperty("algorithm", algorithm);
            String type = parameters.get("type").getAsString();
            for (JsonElement each : parameters.getAsJsonArray("tests")) {
                JsonObject test = each.getAsJsonObject();
                runner.one(algorithm + " " + type + " tcId " + test.get("tcId").getAsInt(), () -> {
                    Family family = FAMILIES.get(type);
                    if (family == null) {
                        throw unknown("Wycheproof type " + type);
                    }
                    family.run(parameters, test);
                });
            }
        }
    }

    // ---- verdicts

    private static boolean isValid(JsonObject test) {
        return test.get("result").getAsString().equals("valid");
    }

    private static Set<String> flags(JsonObject test) {
        Set<String> flags = new HashSet<>();
        if (test.has("flags")) {
            test.getAsJsonArray("flags").forEach(flag -> flags.add(flag.getAsString()));
        }
        return flags;
    }

    /** Whether the case must be accepted; empty where both are right. */
    private static Optional<Boolean> expected(JsonObject test) {
        return switch (test.get("result").getAsString()) {
            case "valid" -> Optional.of(true);
            case "invalid" -> Optional.of(false);
            case "acceptable" -> {
                Set<Boolean> decided = new HashSet<>();
                flags(test)
                        .forEach(flag ->
                                Optional.ofNullable(ACCEPTABLE.get(flag)).ifPresent(decided::add));
                yield decided.isEmpty() ? Optional.empty() : Optional.of(!decided.contains(false));
            }
            default -> throw unknown("result " + test.get("result"));
        };
    }

    /** Compares an operation's outcome, empty when it was refused, with the case. */
    private static void judge(JsonObject test, byte[] wanted, Optional<byte[]> outcome) {
        Optional<Boolean> accept = expected(test);
        if (outcome.isEmpty()) {
            holds("refused what is valid", !accept.orElse(false));
        } else {
            boolean equal = Arrays.equals(wanted, outcome.get());
            if (accept.orElse(true)) {
                same("output", wanted, outcome.get());
            } else {
                holds(
                        "accepted what is invalid",
                        !equal && !test.get("result").getAsString().equals("acceptable"));
            }
        }
    }

    private static void judge(JsonObject test, boolean accepted) {
        Optional<Boolean> accept = expected(test);
        holds(
                accepted ? "accepted what is invalid" : "refused what is valid",
                accept.isEmpty() || accept.get() == accepted);
    }

    private static Sha2 sha(String name) {
        return Arrays.stream(Sha2.values())
                .filter(hash -> hash.label.equals(name))
                .findFirst()
                .orElseThrow(() -> unknown("hash " + name));
    }

    // ---- symmetric

    private static void aesGcm(JsonObject group, JsonObject test) {
        if (!group.get("algorithm").getAsString().equals("AES-GCM")) {
            throw unknown("AEAD " + group.get("algorithm").getAsString());
        }
        int tagBytes = group.get("tagSize").getAsInt() / 8;
        if (tagBytes != AesGcm.TAG_BYTES) {
            throw unknown("AES-GCM with a tag of " + tagBytes + " bytes");
        }
        byte[] key = hex(test, "key");
        byte[] iv = hex(test, "iv");
        byte[] aad = hex(test, "aad");
        byte[] msg = hex(test, "msg");
        byte[] ct = hex(test, "ct");
        byte[] tag = hex(test, "tag");
        byte[] sealed = Arrays.copyOf(ct, ct.length + tag.length);
        System.arraycopy(tag, 0, sealed, ct.length, tag.length);
        boolean zeroNonce = iv.length == AesGcm.NONCE_BYTES && Arrays.equals(iv, new byte[iv.length]);
        if (key.length == AesGcm.KEY_BYTES && zeroNonce) {
            SecretBytes secret = SecretBytes.copyOf(key, UnsafeKeyAccess.get());
            Bytes bound = Bytes.copyOf(aad);
            judge(test, msg, SingleUseCipher.open(secret, bound, Bytes.copyOf(sealed)));
            if (isValid(test)) {
                same("sealed", sealed, SingleUseCipher.seal(secret, bound, msg).toArray());
            }
        }
        Optional<byte[]> opened;
        try {
            opened = AesGcm.open(key, iv, aad, sealed);
        } catch (Bug impossibleParameters) {
            opened = Optional.empty();
        }
        judge(test, msg, opened.map(text -> isValid(test) || Arrays.equals(text, msg) ? text : new byte[] {1}));
        holds("opened what is invalid", isValid(test) || opened.isEmpty());
        if (isValid(test)) {
            same("sealed", sealed, AesGcm.seal(key, iv, aad, msg));
        }
    }

    private static void hkdf(JsonObject group, JsonObject test) {
        Sha2 hash = sha(group.get("algorithm").getAsString().replace("HKDF-", ""));
        int size = test.get("size").getAsInt();
        Optional<byte[]> derived = Hkdf.isSize(hash, size)
                ? Optional.of(Hkdf.derive(hash, hex(test, "ikm"), hex(test, "salt"), hex(test, "info"), size))
                : Optional.empty();
        judge(test, hex(test, "okm"), derived);
        if (!isValid(test)) {
            holds("derived what is invalid", derived.isEmpty());
        }
    }

    private static void hmac(JsonObject group, JsonObject test) {
        if (!group.get("algorithm").getAsString().equals("HMACSHA256")
                && !group.get("algorithm").getAsString().equals("HMAC-SHA-256")) {
            throw unknown("MAC " + group.get("algorithm").getAsString());
        }
        byte[] key = hex(test, "key");
        byte[] tag = hex(test, "tag");
        Bytes mac = Mac.of(SecretBytes.copyOf(key, UnsafeKeyAccess.get()), Bytes.copyOf(hex(test, "msg")));
        judge(test, Mac.constantTimeEquals(mac.slice(0, Math.min(tag.length, mac.size())), Bytes.copyOf(tag)));
    }

    /**
     * C2SP chunked encryption: {@code ct} is zlib-compressed, the message is given by length and SHA-512. In one go, in a stream of odd
     * pieces, and sealed again with the salt given. Of an invalid stream, no byte beyond the prefix named may come out.
     */
    private static void chunked(JsonObject group, JsonObject test) {
        if (!group.get("aead").getAsString().equals("AEAD_AES_256_GCM")
                || !group.get("sha").getAsString().equals("SHA-512")) {
            throw unknown("chunked encryption with " + group.get("aead").getAsString() + " and "
                    + group.get("sha").getAsString());
        }
        SecretBytes key = SecretBytes.copyOf(hex(test, "key"), UnsafeKeyAccess.get());
        Bytes context = Bytes.copyOf(hex(test, "ctx"));
        byte[] sealed = inflate(hex(test, "ct"));
        Optional<byte[]> opened;
        java.io.ByteArrayOutputStream prefix = new java.io.ByteArrayOutputStream();
        boolean streamed;
        try {
            opened = ChunkedOpener.openAll(key, context, Bytes.copyOf(sealed));
            streamed = stream(ChunkedOpener.start(key, context), sealed, prefix);
        } catch (Bug keySize) {
            holds("refused a key of the right size", key.size() != AesGcm.KEY_BYTES);
            opened = Optional.empty();
            streamed = false;
        }
        judge(test, opened.isPresent());
        judge(test, streamed);
        if (isValid(test)) {
            byte[] message = opened.orElseThrow();
            same("length", new byte[] {1}, new byte[] {
                (byte) (message.length == test.get("msgLength").getAsInt() ? 1 : 0)
            });
            same("SHA-512 of the message", hex(test, "msgSha512"), Sha2.SHA_512.of(message));
            same("SHA-512 of the stream", hex(test, "msgSha512"), Sha2.SHA_512.of(prefix.toByteArray()));
            byte[] salt = Arrays.copyOf(sealed, ChunkKeys.SALT_BYTES);
            byte[] again = new byte[sealed.length];
            ChunkedSealer sealer = ChunkedSealer.start(key, context, salt);
            System.arraycopy(sealer.header(), 0, again, 0, ChunkedSealer.HEADER_BYTES);
            int size = ChunkedSealer.HEADER_BYTES;
            size += sealer.seal(message, 0, message.length, again, size);
            size += sealer.finish(again, size);
            holds(
                    "sealed to another length",
                    size == sealed.length && ChunkedSealer.sealedLength(message.length) == size);
            same("sealed again", sealed, again);
        } else {
            int allowed = test.has("msgLength") ? test.get("msgLength").getAsInt() : 0;
            holds("bytes beyond the valid prefix", prefix.size() <= allowed);
        }
    }

    private static boolean stream(ChunkedOpener opener, byte[] sealed, java.io.ByteArrayOutputStream out) {
        int step = 10_007;
        byte[] text = new byte[ChunkedOpener.openedBytesMax(step) + ChunkKeys.CHUNK_BYTES];
        boolean good = true;
        for (int from = 0; from < sealed.length; from += step) {
            int size = opener.open(sealed, from, Math.min(step, sealed.length - from), text, 0);
            holds("came back after failing", good || size == ChunkedOpener.NOT_OPENED);
            good &= size != ChunkedOpener.NOT_OPENED;
            out.write(text, 0, Math.max(size, 0));
        }
        int size = opener.finish(text, 0);
        holds("ended well after failing", good || size == ChunkedOpener.NOT_OPENED);
        out.write(text, 0, Math.max(size, 0));
        return size != ChunkedOpener.NOT_OPENED;
    }

    private static byte[] inflate(byte[] compressed) {
        try (var stream = new java.util.zip.InflaterInputStream(new java.io.ByteArrayInputStream(compressed))) {
            return stream.readAllBytes();
        } catch (java.io.IOException e) {
            throw new Mismatch("ct is not zlib: " + e.getMessage());
        }
    }

    // ---- signatures

    private static VerifyingKey key(JsonObject group) {
        byte[] der = hex(group, group.has("publicKeyDer") ? "publicKeyDer" : "keyDer");
        return VerifyingKey.parse(Bytes.copyOf(der)).fold(key -> key, refusal -> {
            throw unknown("key: " + refusal);
        });
    }

    private static void ecdsa(JsonObject group, JsonObject test) {
        VerifyingKey key = key(group);
        holds("key is elliptic", key.algorithm().isElliptic());
        Sha2 hash = sha(group.get("sha").getAsString());
        byte[] msg = hex(test, "msg");
        byte[] sig = hex(test, "sig");
        boolean accepted = key.verifies(msg, sig, hash);
        judge(test, accepted);
        if (hash == key.algorithm().digest) {
            // The product's own door takes, of the two forms of every signature, the one with the lower s.
            var domain = Curve.of(key.algorithm());
            boolean low = Curve.decode(domain, sig)
                    .filter(numbers -> Curve.isLow(domain, numbers.s()))
                    .isPresent();
            holds("the low-s door disagrees", key.verifies(Bytes.copyOf(msg), Bytes.copyOf(sig)) == (accepted && low));
        }
    }

    private static void rsa(JsonObject group, JsonObject test) {
        VerifyingKey key = key(group);
        holds("key is RSA", key.algorithm() == KeyAlgorithm.RSA_PKCS1);
        Sha2 hash = sha(group.get("sha").getAsString());
        byte[] msg = hex(test, "msg");
        byte[] sig = hex(test, "sig");
        boolean accepted = key.verifies(msg, sig, hash);
        judge(test, accepted);
        if (hash == key.algorithm().digest) {
            holds("the product's door disagrees", key.verifies(Bytes.copyOf(msg), Bytes.copyOf(sig)) == accepted);
        }
    }

    private static void rsaGenerate(JsonObject group, JsonObject test) {
        if (sha(group.get("sha").getAsString()) != Sha2.SHA_256) {
            throw unknown("signing with " + group.get("sha").getAsString());
        }
        VerifyingKey key = key(group);
        try {
            var own = KeyFactory.getInstance("RSA")
                    .generatePrivate(new PKCS8EncodedKeySpec(hex(group, "privateKeyPkcs8")));
            judge(test, hex(test, "sig"), Optional.of(new JdkKey(own, key).sign(hex(test, "msg"))));
        } catch (GeneralSecurityException e) {
            throw new Mismatch("private key: " + e.getMessage());
        }
    }

    private static void rsaPss(JsonObject group, JsonObject test) {
        VerifyingKey key = key(group);
        if (!group.get("mgf").getAsString().equals("MGF1")) {
            throw unknown("mask " + group.get("mgf").getAsString());
        }
        Sha2 hash = sha(group.get("sha").getAsString());
        Sha2 mask = sha(group.get("mgfSha").getAsString());
        int salt = group.get("sLen").getAsInt();
        byte[] msg = hex(test, "msg");
        byte[] sig = hex(test, "sig");
        boolean accepted = key.pss(msg, sig, hash, mask, salt);
        judge(test, accepted);
        if (key.algorithm() == KeyAlgorithm.RSA_PSS && hash == Sha2.SHA_256 && mask == hash && salt == 32) {
            holds("the product's door disagrees", key.verifies(Bytes.copyOf(msg), Bytes.copyOf(sig)) == accepted);
        }
    }

    private static MlDsa mlDsa(JsonObject group) {
        return switch (group.get("algorithm").getAsString()) {
            case "ML-DSA-44" -> MlDsa.ML_DSA_44;
            case "ML-DSA-65" -> MlDsa.ML_DSA_65;
            case "ML-DSA-87" -> MlDsa.ML_DSA_87;
            default -> throw unknown("signature " + group.get("algorithm").getAsString());
        };
    }

    private static void mlDsaSign(JsonObject group, JsonObject test) {
        MlDsa parameters = mlDsa(group);
        var key = group.has("privateSeed")
                ? parameters.keyFromSeed(hex(group, "privateSeed"))
                : parameters.keyFromExpanded(hex(group, "privateKey"));
        byte[] context = hexOrEmpty(test, "ctx");
        if (key.isEmpty() || context.length > MlDsa.CONTEXT_BYTES_MAX) {
            judge(test, false);
            return;
        }
        byte[] rnd = test.has("rnd") ? hex(test, "rnd") : new byte[32];
        boolean byMessage = test.has("msg");
        byte[] signature = byMessage
                ? MlDsa.sign(key.get(), context, rnd, hex(test, "msg"))
                : MlDsa.signMu(key.get(), rnd, hex(test, "mu"));
        judge(test, hex(test, "sig"), Optional.of(signature));
        if (!isValid(test)) {
            return;
        }
        if (group.has("publicKey")) {
            same("public key", hex(group, "publicKey"), key.get().getPublicKey());
        }
        if (byMessage) {
            var publicKey = parameters.publicKey(key.get().getPublicKey()).orElseThrow();
            holds("does not verify", MlDsa.verifies(publicKey, context, hex(test, "msg"), signature));
        }
        if (group.has("privateKeyPkcs8")
                && parameters != MlDsa.ML_DSA_44
                && byMessage
                && context.length == 0
                && !test.has("rnd")) {
            ownKey(group, test);
        }
    }

    /** The product's own door: PKCS#8 in, empty context, no added randomness. */
    private static void ownKey(JsonObject group, JsonObject test) {
        var own = OwnKey.decode(SecretBytes.copyOf(hex(group, "privateKeyPkcs8"), UnsafeKeyAccess.get()));
        if (group.has("privateSeed") || own.isOk()) {
            Bytes msg = Bytes.copyOf(hex(test, "msg"));
            Bytes signature = own.orBug().sign(msg);
            same("own key's signature", hex(test, "sig"), signature.toArray());
            holds("own key does not verify", own.orBug().publicKey().verifies(msg, signature));
        }
    }

    private static void mlDsaVerify(JsonObject group, JsonObject test) {
        var key = mlDsa(group).publicKey(hex(group, "publicKey"));
        judge(
                test,
                key.isPresent()
                        && MlDsa.verifies(key.get(), hexOrEmpty(test, "ctx"), hex(test, "msg"), hex(test, "sig")));
    }

    // ---- agreement

    private static void x25519(JsonObject group, JsonObject test) {
        if (!group.get("curve").getAsString().equals("curve25519")) {
            throw unknown("curve " + group.get("curve").getAsString());
        }
        judge(test, hex(test, "shared"), KeyAgreement.x25519(hex(test, "private"), hex(test, "public")));
    }

    private static String curve(JsonObject group) {
        return switch (group.get("curve").getAsString()) {
            case "secp256r1" -> "P-256";
            case "secp384r1" -> "P-384";
            default -> throw unknown("curve " + group.get("curve").getAsString());
        };
    }

    private static void ecdhPoint(JsonObject group, JsonObject test) {
        judge(
                test,
                hex(test, "shared"),
                KeyAgreement.ecdh(curve(group), new BigInteger(1, hex(test, "private")), hex(test, "public")));
    }

    /** The point inside a SubjectPublicKeyInfo; ours are strict: named curve, uncompressed. */
    private static void ecdhKeyInfo(JsonObject group, JsonObject test) {
        String curve = curve(group);
        Optional<byte[]> shared = VerifyingKey.parse(Bytes.copyOf(hex(test, "public")))
                .fold(
                        key -> key.algorithm().isElliptic()
                                        && key.algorithm().curve().equals(curve)
                                ? Optional.of(SubjectPublicKeyInfo.getInstance(
                                        key.publicKeyInfo().toArray()))
                                : Optional.<SubjectPublicKeyInfo>empty(),
                        refusal -> Optional.<SubjectPublicKeyInfo>empty())
                .flatMap(info -> KeyAgreement.ecdh(
                        curve,
                        new BigInteger(1, hex(test, "private")),
                        info.getPublicKeyData().getOctets()));
        if (test.get("result").getAsString().equals("acceptable") && shared.isEmpty()) {
            return;
        }
        judge(test, hex(test, "shared"), shared);
    }

    private static MlKem mlKem(JsonObject group) {
        return switch (group.get("parameterSet").getAsString()) {
            case "ML-KEM-512" -> MlKem.ML_KEM_512;
            case "ML-KEM-768" -> MlKem.ML_KEM_768;
            case "ML-KEM-1024" -> MlKem.ML_KEM_1024;
            default ->
                throw unknown("parameter set " + group.get("parameterSet").getAsString());
        };
    }

    private static void mlKem(JsonObject group, JsonObject test) {
        MlKem kem = mlKem(group);
        var key = kem.keyFromSeed(hex(test, "seed"));
        if (key.isPresent() && test.has("ek")) {
            same("ek", hex(test, "ek"), key.get().getPublicKey());
        }
        var secret = key.flatMap(ready -> kem.decapsulate(ready, hex(test, "c")));
        if (isValid(test)) {
            same("K", hex(test, "K"), present("ciphertext", secret));
        } else {
            judge(test, secret.isPresent());
        }
    }

    private static void mlKemEncapsulate(JsonObject group, JsonObject test) {
        MlKem kem = mlKem(group);
        byte[] publicKey = hex(test, "ek");
        var made = kem.encapsulate(publicKey, hex(test, "m"));
        judge(test, made.isPresent());
        if (made.isPresent()) {
            same("c", hex(test, "c"), made.get().getEncapsulation());
            same("K", hex(test, "K"), made.get().getSecret());
        } else {
            MlKemVectors.refusedByRecipientKey(kem, publicKey);
        }
    }

    private static void mlKemKey(JsonObject group, JsonObject test) {
        MlKem kem = mlKem(group);
        var key = kem.keyFromSeed(hex(test, "seed"));
        judge(test, key.isPresent());
        if (key.isPresent()) {
            same("ek", hex(test, "ek"), key.get().getPublicKey());
            same("dk", hex(test, "dk"), kem.expanded(key.get()));
        }
    }

    private static void mlKemExpanded(JsonObject group, JsonObject test) {
        MlKem kem = mlKem(group);
        var secret = kem.keyFromExpanded(hex(test, "dk")).flatMap(key -> kem.decapsulate(key, hex(test, "c")));
        judge(test, secret.isPresent());
        if (secret.isPresent()) {
            same("K", hex(test, "K"), secret.get());
        }
    }
}
