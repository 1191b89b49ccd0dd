package lienthong.gateway.crypto;

import static lienthong.gateway.crypto.VectorRunner.hex;
import static lienthong.gateway.crypto.VectorRunner.holds;
import static lienthong.gateway.crypto.VectorRunner.present;
import static lienthong.gateway.crypto.VectorRunner.same;
import static lienthong.gateway.crypto.VectorRunner.unknown;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import lienthong.gateway.crypto.VectorRunner.Mismatch;
import lienthong.gateway.message.Bytes;
import org.bouncycastle.crypto.digests.SHAKEDigest;

/** C2SP/CCTV's files for ML-KEM: keys to refuse, implicit rejection, and the accumulated test of thousands of rounds. */
final class MlKemVectors {
    private static final List<String> DRAWS = List.of("d", "z", "m", "ct1");

    private MlKemVectors() {}

    /** One encapsulation key a line, each with a coefficient that is not below q. */
    static void refusedKeys(VectorRunner runner, String text) {
        int number = 0;
        for (String line : text.lines().toList()) {
            byte[] key = HexFormat.of().parseHex(line);
            runner.one("ML-KEM modulus line " + ++number, () -> {
                MlKem kem = Arrays.stream(MlKem.values())
                        .filter(each -> each.publicKeyBytes() == key.length)
                        .findFirst()
                        .orElseThrow(() -> unknown("encapsulation key of " + key.length + " bytes"));
                holds(
                        "accepted what is invalid",
                        kem.encapsulate(key, new byte[32]).isEmpty());
                refusedByRecipientKey(kem, key);
            });
        }
    }

    /** The product's own door: the same key as part of a suite's. */
    static void refusedByRecipientKey(MlKem kem, byte[] key) {
        if (kem == MlKem.ML_KEM_1024) {
            holds(
                    "suite 3 accepts the key",
                    !RecipientKey.parse(Suite.ARCHIVE_3, Bytes.copyOf(key)).isOk());
        } else if (kem == MlKem.ML_KEM_768) {
            byte[] point = new byte[32];
            point[0] = 9;
            holds(
                    "suite 1 accepts the key",
                    !RecipientKey.parse(Suite.HYBRID_1, Bytes.copyOf(key).plus(Bytes.copyOf(point)))
                            .isOk());
        }
    }

    /** Three lines: dk, c, K. */
    static void decapsulation(VectorRunner runner, String text) {
        Map<String, byte[]> fields = new HashMap<>();
        for (String line : text.lines().toList()) {
            String[] parts = line.split(" = ", -1);
            if (parts.length != 2 || fields.put(parts[0], HexFormat.of().parseHex(parts[1].strip())) != null) {
                throw new IllegalArgumentException("not one field a line: " + parts[0]);
            }
        }
        runner.one("ML-KEM decapsulation with the expanded key", () -> {
            byte[] ciphertext = fields.get("c");
            MlKem kem = Arrays.stream(MlKem.values())
                    .filter(each -> each.ciphertextBytes() == ciphertext.length)
                    .findFirst()
                    .orElseThrow(() -> unknown("ciphertext of " + ciphertext.length + " bytes"));
            var key = kem.keyFromExpanded(fields.get("dk")).orElseThrow(() -> new Mismatch("dk was refused"));
            same("K", fields.get("K"), present("c", kem.decapsulate(key, ciphertext)));
        });
    }

    /** One stream of SHAKE128 gives all inputs, another takes all outputs; one hash is compared. */
    static void accumulated(VectorRunner runner, JsonObject file) {
        String set = file.get("parameterSet").getAsString();
        int rounds = file.get("iterations").getAsInt();
        runner.one(set + " accumulated over " + rounds + " rounds", () -> {
            MlKem kem = Arrays.stream(MlKem.values())
                    .filter(each -> each.name().replace('_', '-').equals(set))
                    .findFirst()
                    .orElseThrow(() -> unknown("parameter set " + set));
            List<String> draws = file.getAsJsonArray("drawPerIteration").asList().stream()
                    .map(draw -> draw.getAsString().split(" ", -1)[0])
                    .toList();
            if (!draws.equals(DRAWS)
                    || file.getAsJsonArray("absorbPerIteration").size() != 5) {
                throw unknown("another order of draws: " + draws);
            }
            same("accumulator", hex(file, "expected"), accumulate(kem, rounds));
        });
    }

    private static byte[] accumulate(MlKem kem, int rounds) {
        SHAKEDigest source = new SHAKEDigest(128);
        SHAKEDigest accumulator = new SHAKEDigest(128);
        for (int round = 0; round < rounds; round++) {
            var key = kem.keyFromSeed(draw(source, MlKem.SEED_BYTES)).orElseThrow();
            byte[] m = draw(source, 32);
            byte[] strange = draw(source, kem.ciphertextBytes());
            var made = kem.encapsulate(key.getPublicKey(), m).orElseThrow();
            same(
                    "K of round " + round,
                    made.getSecret(),
                    kem.decapsulate(key, made.getEncapsulation()).orElseThrow());
            absorb(accumulator, key.getPublicKey());
            absorb(accumulator, kem.expanded(key));
            absorb(accumulator, made.getEncapsulation());
            absorb(accumulator, made.getSecret());
            absorb(accumulator, kem.decapsulate(key, strange).orElseThrow());
        }
        return draw(accumulator, 32);
    }

    private static byte[] draw(SHAKEDigest stream, int size) {
        byte[] out = new byte[size];
        stream.doOutput(out, 0, size);
        return out;
    }

    private static void absorb(SHAKEDigest accumulator, byte[] bytes) {
        accumulator.update(bytes, 0, bytes.length);
    }
}
