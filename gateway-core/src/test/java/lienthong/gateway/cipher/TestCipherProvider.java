package lienthong.gateway.cipher;

import java.util.Arrays;
import java.util.Optional;
import lienthong.gateway.crypto.ChunkedOpener;
import lienthong.gateway.crypto.ChunkedSealer;
import lienthong.gateway.crypto.HpkeRecipient;
import lienthong.gateway.crypto.HpkeSender;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SingleUseCipher;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.UnsafeKeyAccess;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;

/**
 * A provider for tests only, no product of anybody: the published constructions of the gateway's own façade (HPKE with P-256, chunked encryption)
 * under a number of the State cipher service's range and other bindings, so that neither opens what the other sealed.
 */
public class TestCipherProvider implements CipherProvider {
    public static final int SUITE = 0xF0;

    private static final Randomness RANDOM = Randomness.real();
    private static final Bytes LABEL = Bytes.utf8("test provider, not for use ");

    @Override
    public int suite() {
        return SUITE;
    }

    @Override
    public String product() {
        return "provider for tests, not for use";
    }

    @Override
    public int publicKeyBytes() {
        return Suite.CLASSIC_2.publicKeyBytes();
    }

    @Override
    public int encBytes() {
        return Suite.CLASSIC_2.encBytes();
    }

    @Override
    public boolean isPublicKey(byte[] publicKey) {
        return RecipientKey.parse(Suite.CLASSIC_2, Bytes.copyOf(publicKey)).isOk();
    }

    @Override
    public PrivateKey generateKey() {
        return new Key(RecipientPrivateKey.generate(Suite.CLASSIC_2, RANDOM));
    }

    @Override
    public Optional<PrivateKey> decodeKey(byte[] encoded) {
        return RecipientPrivateKey.decode(Suite.CLASSIC_2, secret(encoded))
                .fold(key -> Optional.of(new Key(key)), no -> Optional.empty());
    }

    @Override
    public byte[] newContentKey() {
        return RANDOM.bytes(CONTENT_KEY_BYTES);
    }

    @Override
    public Wrapped wrap(byte[] publicKey, byte[] context, byte[] text) {
        RecipientKey key =
                RecipientKey.parse(Suite.CLASSIC_2, Bytes.copyOf(publicKey)).orBug();
        Bytes bound = LABEL.plus(Bytes.copyOf(context));
        HpkeSender sender = HpkeSender.start(key, bound, RANDOM);
        Bytes wrap = SingleUseCipher.seal(sender.export(bound, 32), bound, text);
        return new Wrapped(sender.enc().toArray(), wrap.toArray());
    }

    @Override
    public Optional<byte[]> unwrap(PrivateKey key, byte[] context, Wrapped wrapped) {
        Bytes bound = LABEL.plus(Bytes.copyOf(context));
        return HpkeRecipient.start(((Key) key).own, Bytes.copyOf(wrapped.enc()), bound)
                .flatMap(opened -> SingleUseCipher.open(opened.export(bound, 32), bound, Bytes.copyOf(wrapped.wrap())));
    }

    @Override
    public PayloadSealer sealer(byte[] contentKey, byte[] context) {
        ChunkedSealer own = ChunkedSealer.start(secret(contentKey), LABEL.plus(Bytes.copyOf(context)), RANDOM);
        return new PayloadSealer() {
            private boolean begun;

            @Override
            public byte[] update(byte[] in, int offset, int length) {
                byte[] out = new byte[ChunkedSealer.sealedBytesMax(length)];
                return headed(out, own.seal(in, offset, length, out, 0));
            }

            @Override
            public byte[] finish() {
                byte[] out = new byte[ChunkedSealer.FINISH_BYTES_MAX];
                return headed(out, own.finish(out, 0));
            }

            private byte[] headed(byte[] out, int size) {
                byte[] written = Arrays.copyOf(out, size);
                if (begun) {
                    return written;
                }
                begun = true;
                return Bytes.copyOf(own.header()).plus(Bytes.ofOwned(written)).toArray();
            }
        };
    }

    @Override
    public PayloadOpener opener(byte[] contentKey, byte[] context) {
        ChunkedOpener own = ChunkedOpener.start(secret(contentKey), LABEL.plus(Bytes.copyOf(context)));
        return new PayloadOpener() {
            @Override
            public Optional<byte[]> update(byte[] in, int offset, int length) {
                byte[] out = new byte[ChunkedOpener.openedBytesMax(length)];
                int size = own.open(in, offset, length, out, 0);
                return size == ChunkedOpener.NOT_OPENED ? Optional.empty() : Optional.of(Arrays.copyOf(out, size));
            }

            @Override
            public Optional<byte[]> finish() {
                byte[] out = new byte[ChunkedOpener.openedBytesMax(0)];
                int size = own.finish(out, 0);
                return size == ChunkedOpener.NOT_OPENED ? Optional.empty() : Optional.of(Arrays.copyOf(out, size));
            }
        };
    }

    private static SecretBytes secret(byte[] bytes) {
        return SecretBytes.copyOf(bytes, UnsafeKeyAccess.get());
    }

    private static final class Key implements PrivateKey {
        private final RecipientPrivateKey own;

        Key(RecipientPrivateKey own) {
            this.own = own;
        }

        @Override
        public byte[] publicKey() {
            return own.publicKey().publicKey().toArray();
        }

        @Override
        public byte[] encoded() {
            return own.encode().copy(UnsafeKeyAccess.get());
        }

        @Override
        public void destroy() {
            own.destroy();
        }
    }
}
