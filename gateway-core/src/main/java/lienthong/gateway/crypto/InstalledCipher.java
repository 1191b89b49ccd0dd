package lienthong.gateway.crypto;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import lienthong.gateway.cipher.CipherProvider;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.CleanText;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;

/**
 * The State cipher service's product in this process, checked once at start: sizes, and a text through it and back. Every later call is guarded: what
 * the product throws, or gives in a wrong size, is a {@link TokenAway}. Thread-safe.
 */
public final class InstalledCipher {
    private static final int PRODUCT_CHARS_MAX = 64;
    private static final int ENCODED_KEY_BYTES_MAX = 4 * 1024;
    /** A slot's key id, random bytes and wrap stand beside it. */
    private static final int ENC_BYTES_MAX = Limits.SLOT_BYTES_MAX - 384;

    private static final int TRIAL_BYTES = 288;
    /** Above and below a chunk of ours, since products' chunks are of about that size. */
    private static final int TRIAL_PAYLOAD_BYTES = 40_000;

    private final CipherProvider provider;
    private final Suite suite;
    private final String product;
    private final int publicKeyBytes;
    private final int encBytes;

    private InstalledCipher(CipherProvider provider, Suite suite) {
        this.provider = provider;
        this.suite = suite;
        this.product = provider.product();
        this.publicKeyBytes = provider.publicKeyBytes();
        this.encBytes = provider.encBytes();
    }

    /**
     * Finds the product that is installed, and tries it.
     *
     * @param loader where {@code META-INF/services} is looked up
     * @return none where none is installed; {@code CIPHER_UNFIT} for two, for one that cannot be loaded, and for one that {@link #of} refuses
     */
    public static Result<Optional<InstalledCipher>> load(ClassLoader loader) {
        List<CipherProvider> found = new ArrayList<>();
        try {
            ServiceLoader.load(CipherProvider.class, loader).forEach(found::add);
        } catch (ServiceConfigurationError broken) {
            return Result.no(
                    ErrorCode.CIPHER_UNFIT,
                    "a cipher provider is installed and cannot be loaded: {0}",
                    Detail.technical(broken));
        }
        if (found.size() > 1) {
            return Result.no(
                    ErrorCode.CIPHER_UNFIT,
                    "two cipher providers are installed, leave one: {0} and {1}",
                    found.get(0).getClass().getName(),
                    found.get(1).getClass().getName());
        }
        return found.isEmpty() ? Result.ok(Optional.empty()) : of(found.get(0)).map(Optional::of);
    }

    /** Tries a product; {@code CIPHER_UNFIT} naming what is wrong with it. */
    public static Result<InstalledCipher> of(CipherProvider provider) {
        String name = provider.getClass().getName();
        try {
            int number = provider.suite();
            if (number < Suite.PROVIDED_FROM || number > Suite.NUMBER_MAX) {
                return Result.no(
                        ErrorCode.CIPHER_UNFIT,
                        "cipher provider {0}: claims suite {1}, a provider's is {2} to {3}",
                        name,
                        number,
                        Suite.PROVIDED_FROM,
                        Suite.NUMBER_MAX);
            }
            String product = provider.product();
            if (product.isBlank()
                    || !CleanText.line("product", product, PRODUCT_CHARS_MAX).isOk()) {
                return Result.no(
                        ErrorCode.CIPHER_UNFIT,
                        "cipher provider {0}: its product's name is 1 to 64 printable characters",
                        name);
            }
            int key = provider.publicKeyBytes();
            int enc = provider.encBytes();
            if (key < 1 || key > Limits.CIPHER_KEY_BYTES_MAX || enc < 0 || enc > ENC_BYTES_MAX) {
                return Result.no(
                        ErrorCode.CIPHER_UNFIT,
                        "cipher provider {0}: keys of {1} bytes and encs of {2}, at most {3} and {4}",
                        name,
                        key,
                        enc,
                        Limits.CIPHER_KEY_BYTES_MAX,
                        ENC_BYTES_MAX);
            }
            InstalledCipher installed =
                    new InstalledCipher(provider, Suite.ofNumber(number).orBug());
            return installed.works()
                    ? Result.ok(installed)
                    : Result.no(
                            ErrorCode.CIPHER_UNFIT,
                            "cipher provider {0}: does not give back what it enciphered, or opens it altered",
                            name);
        } catch (TokenAway away) {
            return Result.no(ErrorCode.CIPHER_UNFIT, "cipher provider {0}: {1}", name, Detail.technical(away));
        } catch (RuntimeException | LinkageError broken) {
            return Result.no(
                    ErrorCode.CIPHER_UNFIT, "cipher provider {0}: {1}", name, Detail.technical(broken.toString()));
        }
    }

    /** A text through it and back, with a key that was written and read; and not back when a bit is altered. */
    private boolean works() {
        RecipientPrivateKey made = generateKey();
        SecretBytes written = made.encode();
        RecipientPrivateKey key = decodeKey(written).orBug();
        boolean works = key.publicKey().equals(made.publicKey())
                && accepts(made.publicKey())
                && wraps(key)
                && enciphers(0)
                && enciphers(1)
                && enciphers(TRIAL_PAYLOAD_BYTES);
        key.destroy();
        return works;
    }

    private boolean wraps(RecipientPrivateKey key) {
        byte[] text = trial(TRIAL_BYTES);
        Bytes context = Bytes.utf8("lienthong-trial");
        ProvidedWrap wrap = wrap(key.publicKey(), context, text);
        byte[] altered = wrap.wrap().toArray();
        altered[altered.length / 2] ^= 1;
        return unwrap(key, context, wrap)
                        .filter(back -> Arrays.equals(back, text))
                        .isPresent()
                && unwrap(key, Bytes.utf8("another trial"), wrap).isEmpty()
                && unwrap(key, context, new ProvidedWrap(wrap.enc(), Bytes.ofOwned(altered)))
                        .isEmpty();
    }

    private boolean enciphers(int size) {
        byte[] text = trial(size);
        Bytes context = Bytes.utf8("lienthong-trial");
        SecretBytes key = newContentKey();
        ProvidedSealer sealer = sealer(key, context);
        byte[] first = sealer.update(text, 0, size / 2);
        byte[] second = sealer.update(text, size / 2, size - size / 2);
        byte[] sealed = join(join(first, second), sealer.finish());
        boolean works = open(key, context, sealed)
                .filter(back -> Arrays.equals(back, text))
                .isPresent();
        sealed[sealed.length / 2] ^= 1;
        works &= open(key, context, sealed).isEmpty();
        key.destroy();
        return works;
    }

    private Optional<byte[]> open(SecretBytes key, Bytes context, byte[] sealed) {
        ProvidedOpener opener = opener(key, context);
        Optional<byte[]> text = opener.update(sealed, 0, sealed.length);
        return text.isEmpty() ? text : opener.finish().map(rest -> join(text.get(), rest));
    }

    private static byte[] trial(int size) {
        byte[] text = new byte[size];
        for (int i = 0; i < size; i++) {
            text[i] = (byte) (31 * i + 7);
        }
        return text;
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    public Suite suite() {
        return suite;
    }

    /** For operators. */
    public String product() {
        return product;
    }

    /** Size of {@link ProvidedWrap#enc}. */
    public int encBytes() {
        return encBytes;
    }

    /** Whether content keys can be wrapped to it. */
    public boolean accepts(RecipientKey key) {
        return key.suite() == suite
                && key.publicKey().size() == publicKeyBytes
                && guarded(() -> provider.isPublicKey(key.publicKey().toArray()));
    }

    /** A fresh key pair. */
    public RecipientPrivateKey generateKey() {
        return recipient(guarded(provider::generateKey));
    }

    /** From {@link RecipientPrivateKey#encode}; DIRECTORY_INVALID when it is no key of this product. */
    public Result<RecipientPrivateKey> decodeKey(SecretBytes encoded) {
        byte[] bytes = encoded.inner().clone();
        Optional<CipherProvider.PrivateKey> key = guarded(() -> provider.decodeKey(bytes));
        Arrays.fill(bytes, (byte) 0);
        return key.isPresent()
                ? Result.ok(recipient(key.get()))
                : Result.no(ErrorCode.DIRECTORY_INVALID, "no private key of suite {0}", suite.number());
    }

    private RecipientPrivateKey recipient(CipherProvider.PrivateKey key) {
        byte[] publicKey = guarded(key::publicKey);
        byte[] encoded = guarded(key::encoded);
        sized(publicKey.length == publicKeyBytes, "a public key of " + publicKey.length + " bytes");
        sized(encoded.length > 0 && encoded.length <= ENCODED_KEY_BYTES_MAX, "a key of " + encoded.length + " bytes");
        return RecipientPrivateKey.ofProvided(
                SecretBytes.ofOwned(encoded),
                RecipientKey.ofProvided(suite, Bytes.copyOf(publicKey)),
                new RecipientPrivateKey.ProvidedKey(this, key));
    }

    void destroy(CipherProvider.PrivateKey key) {
        try {
            guarded(() -> {
                key.destroy();
                return true;
            });
        } catch (TokenAway away) {
            // The file without which nobody finds the key in its module is destroyed all the same.
        }
    }

    /** The key of one payload. */
    public SecretBytes newContentKey() {
        byte[] key = guarded(provider::newContentKey);
        sized(key.length == CipherProvider.CONTENT_KEY_BYTES, "a content key of " + key.length + " bytes");
        return SecretBytes.ofOwned(key);
    }

    /**
     * Enciphers what stands in a slot.
     *
     * @param key one that is accepted
     * @param context never used before
     */
    public ProvidedWrap wrap(RecipientKey key, Bytes context, byte[] text) {
        Invariant.check(key.suite() == suite, "key of suite %d", key.suite().number());
        var wrapped = guarded(() -> provider.wrap(key.publicKey().toArray(), context.toArray(), text));
        byte[] enc = Objects.requireNonNullElse(wrapped.enc(), new byte[0]);
        byte[] wrap = Objects.requireNonNullElse(wrapped.wrap(), new byte[0]);
        sized(
                enc.length == encBytes && wrap.length == text.length + CipherProvider.WRAP_OVERHEAD_BYTES,
                "a wrap of " + enc.length + " and " + wrap.length + " bytes");
        return new ProvidedWrap(Bytes.copyOf(enc), Bytes.copyOf(wrap));
    }

    /** The text of a slot; empty for every way of not opening, also with a key destroyed meanwhile. */
    public Optional<byte[]> unwrap(RecipientPrivateKey key, Bytes context, ProvidedWrap wrapped) {
        return key.provided()
                .flatMap(own -> guarded(() -> provider.unwrap(
                        own,
                        context.toArray(),
                        new CipherProvider.Wrapped(
                                wrapped.enc().toArray(), wrapped.wrap().toArray()))));
    }

    /** Enciphers one payload; one thread. */
    public ProvidedSealer sealer(SecretBytes contentKey, Bytes context) {
        return new ProvidedSealer(
                this, withKey(contentKey, key -> guarded(() -> provider.sealer(key, context.toArray()))));
    }

    /** A whole payload in memory, enciphered. */
    public Bytes sealAll(SecretBytes contentKey, Bytes context, byte[] text) {
        ProvidedSealer sealer = sealer(contentKey, context);
        return Bytes.ofOwned(join(sealer.update(text, 0, text.length), sealer.finish()));
    }

    /** Deciphers one payload; one thread. */
    public ProvidedOpener opener(SecretBytes contentKey, Bytes context) {
        return new ProvidedOpener(
                this, withKey(contentKey, key -> guarded(() -> provider.opener(key, context.toArray()))));
    }

    /** A copy for the product, which does not keep it. */
    private static <T> T withKey(SecretBytes key, java.util.function.Function<byte[], T> use) {
        byte[] copy = key.inner().clone();
        try {
            return use.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    private void sized(boolean right, String what) {
        if (!right) {
            throw new TokenAway(product + " gives " + what);
        }
    }

    /** A foreign program's exception is not ours: it says that the product does not answer. */
    <T> T guarded(Supplier<T> call) {
        try {
            T answer = call.get();
            if (answer != null) {
                return answer;
            }
        } catch (Bug | TokenAway ours) {
            throw ours;
        } catch (RuntimeException | LinkageError failed) {
            throw new TokenAway(
                    product + " does not answer: " + failed.getClass().getSimpleName(), failed);
        }
        throw new TokenAway(product + " answers with nothing");
    }
}
