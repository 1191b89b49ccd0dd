package lienthong.gateway.crypto;

import static lienthong.gateway.crypto.VectorRunner.hex;
import static lienthong.gateway.crypto.VectorRunner.holds;
import static lienthong.gateway.crypto.VectorRunner.same;
import static lienthong.gateway.crypto.VectorRunner.unknown;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import lienthong.gateway.crypto.VectorRunner.Mismatch;
import lienthong.gateway.message.Bytes;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;

/** HPKE in base mode (RFC 9180's file, hpke-pq's file) and X-Wing: both ends, sealing with the randomness given. */
final class HpkeVectors {
    private static final KeyAccess ACCESS = UnsafeKeyAccess.get();

    private HpkeVectors() {}

    static void hpke(VectorRunner runner, JsonArray entries) {
        for (int i = 0; i < entries.size(); i++) {
            JsonObject entry = entries.get(i).getAsJsonObject();
            String name = String.format(
                    java.util.Locale.ROOT,
                    "HPKE entry %d mode %d kem 0x%04x kdf 0x%04x aead 0x%04x",
                    i,
                    entry.get("mode").getAsInt(),
                    entry.get("kem_id").getAsInt(),
                    entry.get("kdf_id").getAsInt(),
                    entry.get("aead_id").getAsInt());
            runner.one(name, () -> hpke(entry));
        }
    }

    private static void hpke(JsonObject entry) {
        if (entry.get("mode").getAsInt() != 0) {
            throw unknown("HPKE mode " + entry.get("mode").getAsInt());
        }
        int kem = entry.get("kem_id").getAsInt();
        int kdf = entry.get("kdf_id").getAsInt();
        int aead = entry.get("aead_id").getAsInt();
        Hpke hpke = Hpke.of(kem, kdf, aead).fold(known -> known, refusal -> {
            throw unknown(refusal.detail());
        });
        byte[] info = hex(entry, "info");
        byte[] pkRm = hex(entry, "pkRm");
        byte[] enc = hex(entry, "enc");
        var publicKey = hpke.publicKey(pkRm).orElseThrow(() -> new Mismatch("pkRm was refused"));
        var pair = hpke.keyPair(hex(entry, "skRm"), pkRm).orElseThrow(() -> new Mismatch("skRm was refused"));
        same("pkRm of skRm", pkRm, hpke.encodePublic(pair.getPublic()));
        if (entry.has("ikmR")) {
            same(
                    "pkRm derived from ikmR",
                    pkRm,
                    hpke.encodePublic(hpke.derive(hex(entry, "ikmR")).getPublic()));
        }

        HPKEContextWithEncapsulation sender = hpke.sender(publicKey, info, hex(entry, "ikmE"));
        same("enc", enc, sender.getEncapsulation());
        if (hpke.isDiffieHellman() && entry.has("skEm")) {
            AsymmetricCipherKeyPair ephemeral = hpke.keyPair(hex(entry, "skEm"), hex(entry, "pkEm"))
                    .orElseThrow(() -> new Mismatch("skEm was refused"));
            same("enc of skEm", enc, hpke.sender(publicKey, info, ephemeral).getEncapsulation());
        }
        HPKEContext recipient = hpke.recipient(pair, enc, info).orElseThrow(() -> new Mismatch("enc was refused"));

        exports(entry, HpkeSender.of(sender), HpkeRecipient.of(recipient));
        encryptions(entry, sender, recipient);
        for (Suite suite : Suite.own()) {
            if (suite.hpke().is(kem, kdf, aead)) {
                product(suite, entry);
            }
        }
    }

    private static void exports(JsonObject entry, HpkeSender sender, HpkeRecipient recipient) {
        for (JsonElement each : entry.getAsJsonArray("exports")) {
            JsonObject export = each.getAsJsonObject();
            Bytes context = Bytes.copyOf(hex(export, "exporter_context"));
            int size = export.get("L").getAsInt();
            byte[] expected = hex(export, "exported_value");
            same("sender's export", expected, sender.export(context, size).copy(ACCESS));
            same("recipient's export", expected, recipient.export(context, size).copy(ACCESS));
        }
    }

    private static void encryptions(JsonObject entry, HPKEContext sender, HPKEContext recipient) {
        int next = 0;
        int position = 0;
        for (JsonElement each : entry.getAsJsonArray("encryptions")) {
            JsonObject encryption = each.getAsJsonObject();
            int seq = encryption.has("seq") ? encryption.get("seq").getAsInt() : position;
            position++;
            byte[] aad = hex(encryption, "aad");
            byte[] ct = hex(encryption, "ct");
            byte[] pt = hex(encryption, encryption.has("pt") ? "pt" : "plaintext");
            try {
                // Numbers in between are left out of the file; both ends count them.
                for (; next < seq; next++) {
                    recipient.open(aad, sender.seal(aad, pt));
                }
                same("ct " + seq, ct, sender.seal(aad, pt));
                same("pt " + seq, pt, recipient.open(aad, ct));
                next++;
            } catch (InvalidCipherTextException e) {
                throw new Mismatch("encryption " + seq + " does not open");
            }
        }
    }

    /** An entry that is one of our suites goes through the product's own types as well. */
    private static void product(Suite suite, JsonObject entry) {
        Bytes info = Bytes.copyOf(hex(entry, "info"));
        RecipientPrivateKey own = RecipientPrivateKey.decode(suite, SecretBytes.copyOf(hex(entry, "skRm"), ACCESS))
                .orBug();
        RecipientKey key =
                RecipientKey.parse(suite, Bytes.copyOf(hex(entry, "pkRm"))).orBug();
        holds("key pair", own.publicKey().equals(key));
        HpkeSender sender = HpkeSender.start(key, info, hex(entry, "ikmE"));
        same("product's enc", hex(entry, "enc"), sender.enc().toArray());
        exports(entry, sender, HpkeRecipient.start(own, sender.enc(), info).orElseThrow());
    }

    static void xWing(VectorRunner runner, JsonArray entries) {
        for (int i = 0; i < entries.size(); i++) {
            JsonObject entry = entries.get(i).getAsJsonObject();
            runner.one("X-Wing entry " + i, () -> xWing(entry));
        }
    }

    /** Through suite 1: the shared secret itself never leaves HPKE, so what it leads to is compared, by RFC 9180 §5.1 written out here. */
    private static void xWing(JsonObject entry) {
        byte[] ss = hex(entry, "ss");
        byte[] ct = hex(entry, "ct");
        Bytes info = Bytes.utf8("info");
        Bytes label = Bytes.utf8("label");
        RecipientPrivateKey own = RecipientPrivateKey.decode(
                        Suite.HYBRID_1, SecretBytes.copyOf(hex(entry, "sk"), ACCESS))
                .orBug();
        same("pk", hex(entry, "pk"), own.publicKey().publicKey().toArray());
        same("sk of seed", hex(entry, "seed"), own.encode().copy(ACCESS));

        RecipientKey key = RecipientKey.parse(Suite.HYBRID_1, Bytes.copyOf(hex(entry, "pk")))
                .orBug();
        HpkeSender sender = HpkeSender.start(key, info, hex(entry, "eseed"));
        same("ct", ct, sender.enc().toArray());
        Optional<HpkeRecipient> recipient = HpkeRecipient.start(own, Bytes.copyOf(ct), info);
        holds("ct was refused", recipient.isPresent());
        byte[] expected = export(ss, info, label);
        same(
                "what ss leads to at the sender",
                expected,
                sender.export(label, 32).copy(ACCESS));
        same(
                "what ss leads to at the recipient",
                expected,
                recipient.orElseThrow().export(label, 32).copy(ACCESS));
    }

    /** KeySchedule and Export of RFC 9180 §5.1 and §5.3 for suite 1 in base mode. */
    private static byte[] export(byte[] sharedSecret, Bytes info, Bytes context) {
        byte[] suite = {'H', 'P', 'K', 'E', 0x64, 0x7a, 0, 1, (byte) 0xff, (byte) 0xff};
        byte[] none = new byte[0];
        byte[] pskIdHash = extract(none, suite, "psk_id_hash", none);
        byte[] infoHash = extract(none, suite, "info_hash", info.toArray());
        byte[] schedule = join(new byte[] {0}, pskIdHash, infoHash);
        byte[] secret = extract(sharedSecret, suite, "secret", none);
        byte[] exporter = expand(secret, suite, "exp", schedule);
        return expand(exporter, suite, "sec", context.toArray());
    }

    private static byte[] extract(byte[] salt, byte[] suite, String label, byte[] ikm) {
        SecretBytes key = SecretBytes.copyOf(salt.length == 0 ? new byte[32] : salt, ACCESS);
        return Mac.of(key, Bytes.copyOf(join(ascii("HPKE-v1"), suite, ascii(label), ikm)))
                .toArray();
    }

    private static byte[] expand(byte[] key, byte[] suite, String label, byte[] info) {
        return Hkdf.expand(
                Sha2.SHA_256, key, join(new byte[] {0, 32}, ascii("HPKE-v1"), suite, ascii(label), info), 32);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[]... parts) {
        byte[] joined = new byte[0];
        for (byte[] part : parts) {
            int size = joined.length;
            joined = Arrays.copyOf(joined, size + part.length);
            System.arraycopy(part, 0, joined, size, part.length);
        }
        return joined;
    }
}
