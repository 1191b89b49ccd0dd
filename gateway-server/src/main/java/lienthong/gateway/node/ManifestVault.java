package lienthong.gateway.node;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Mac;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SingleUseCipher;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/**
 * Enciphers manifests to their owner, so that evidence can be kept for ten years without lying open: AES-256-GCM under
 * HMAC-SHA256(vault key, leaf), a key used for one envelope only; the leaf is authenticated too. Thread-safe.
 * Source: docs/spec/evidence.md, "Manifests at rest".
 */
final class ManifestVault {
    private static final Bytes LABEL = Bytes.copyOf("lienthong-manifests 1\n".getBytes(StandardCharsets.US_ASCII));

    private final SecretBytes key;

    ManifestVault(SecretBytes key) {
        this.key = key;
    }

    Bytes lock(Hash leaf, List<Bytes> manifests) {
        int size = 0;
        for (Bytes manifest : manifests) {
            size += 4 + manifest.size();
        }
        ByteBuffer plain = ByteBuffer.allocate(size);
        manifests.forEach(manifest -> plain.putInt(manifest.size()).put(manifest.asBuffer()));
        SecretBytes once = keyFor(leaf);
        try {
            return SingleUseCipher.seal(once, leaf.bytes(), plain.array());
        } finally {
            once.destroy();
        }
    }

    /** The manifests in the envelope's order; empty when the bytes or the key are not the ones they were locked with. */
    Optional<List<Bytes>> unlock(Hash leaf, Bytes locked) {
        SecretBytes once = keyFor(leaf);
        try {
            return SingleUseCipher.open(once, leaf.bytes(), locked).map(plain -> {
                List<Bytes> manifests = new ArrayList<>();
                ByteBuffer in = ByteBuffer.wrap(plain);
                while (in.remaining() >= 4) {
                    byte[] manifest = new byte[in.getInt()];
                    in.get(manifest);
                    manifests.add(Bytes.ofOwned(manifest));
                }
                return manifests;
            });
        } finally {
            once.destroy();
        }
    }

    private SecretBytes keyFor(Hash leaf) {
        return Mac.derive(key, LABEL.plus(leaf.bytes()));
    }
}
