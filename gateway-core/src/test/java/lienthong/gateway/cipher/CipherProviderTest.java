package lienthong.gateway.cipher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finding the State cipher service's product, and what is refused at start. */
class CipherProviderTest {
    /** Found by name in the service files that tests write. */
    public static final class Second extends TestCipherProvider {
        @Override
        public int suite() {
            return 0xF1;
        }
    }

    private static Refusal refusal(CipherProvider provider) {
        Refusal why = InstalledCipher.of(provider).refusal();
        assertThat(why.reason()).isEqualTo(ErrorCode.CIPHER_UNFIT);
        assertThat(why.detail())
                .startsWith("cipher provider lienthong.gateway.cipher.")
                .doesNotContain("\n");
        return why;
    }

    @Test
    void nothingInTheReleaseRegistersAProvider() throws IOException {
        Path classes = Path.of("target", "classes");
        try (Stream<Path> files = Files.walk(classes)) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.contains("META-INF/services/lienthong"));
        }
        assertThat(InstalledCipher.load(CipherProvider.class.getClassLoader()).orBug())
                .isEmpty();
    }

    @Test
    void aProviderIsFoundWhereItsJarLies() {
        InstalledCipher installed = ProviderJar.installed();
        assertThat(installed.suite().number()).isEqualTo(TestCipherProvider.SUITE);
        assertThat(installed.product()).isEqualTo("provider for tests, not for use");
    }

    @Test
    void twoProvidersAreRefusedAndBothNamed(@TempDir Path folder) throws IOException {
        Refusal why = InstalledCipher.load(registered(folder, TestCipherProvider.class, Second.class))
                .refusal();
        assertThat(why.reason()).isEqualTo(ErrorCode.CIPHER_UNFIT);
        assertThat(why.detail())
                .isEqualTo("two cipher providers are installed, leave one: " + TestCipherProvider.class.getName()
                        + " and " + Second.class.getName());
    }

    @Test
    void aProviderThatCannotBeLoadedIsRefused(@TempDir Path folder) throws IOException {
        Refusal why = InstalledCipher.load(registered(folder, CipherProviderTest.class))
                .refusal();
        assertThat(why.reason()).isEqualTo(ErrorCode.CIPHER_UNFIT);
        assertThat(why.detail()).startsWith("a cipher provider is installed and cannot be loaded: ");
    }

    private static ClassLoader registered(Path folder, Class<?>... classes) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.write(
                services.resolve(CipherProvider.class.getName()),
                Stream.of(classes).map(Class::getName).toList());
        return new URLClassLoader(new URL[] {folder.toUri().toURL()}, CipherProviderTest.class.getClassLoader());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, 2, 3, 127, 256})
    void aNumberThatIsNotTheServicesIsRefused(int number) {
        assertThat(refusal(new TestCipherProvider() {
                            @Override
                            public int suite() {
                                return number;
                            }
                        })
                        .detail())
                .endsWith("claims suite " + number + ", a provider's is 128 to 255");
    }

    @Test
    void aNameOrSizesThatFitNowhereAreRefused() {
        for (String name : List.of("", " ", "x".repeat(65), "hai\ndòng")) {
            refusal(new TestCipherProvider() {
                @Override
                public String product() {
                    return name;
                }
            });
        }
        for (int size : new int[] {0, Limits.CIPHER_KEY_BYTES_MAX + 1}) {
            refusal(new TestCipherProvider() {
                @Override
                public int publicKeyBytes() {
                    return size;
                }
            });
        }
        for (int size : new int[] {-1, Limits.SLOT_BYTES_MAX}) {
            refusal(new TestCipherProvider() {
                @Override
                public int encBytes() {
                    return size;
                }
            });
        }
    }

    @Test
    void aProviderThatDoesNotGiveBackWhatItEncipheredIsRefused() {
        for (CipherProvider broken : List.of(
                new TestCipherProvider() {
                    @Override
                    public Optional<byte[]> unwrap(PrivateKey key, byte[] context, Wrapped wrapped) {
                        return Optional.of(new byte[288]);
                    }
                },
                new TestCipherProvider() {
                    @Override
                    public Wrapped wrap(byte[] publicKey, byte[] context, byte[] text) {
                        return super.wrap(publicKey, new byte[0], text);
                    }

                    @Override
                    public Optional<byte[]> unwrap(PrivateKey key, byte[] context, Wrapped wrapped) {
                        return super.unwrap(key, new byte[0], wrapped);
                    }
                },
                new Plain())) {
            assertThat(refusal(broken).detail()).endsWith("does not give back what it enciphered, or opens it altered");
        }
    }

    /** Enciphers nothing and checks nothing. */
    private static final class Plain extends TestCipherProvider {
        @Override
        public PayloadSealer sealer(byte[] contentKey, byte[] context) {
            return new PayloadSealer() {
                @Override
                public byte[] update(byte[] in, int offset, int length) {
                    return Bytes.copyOf(in, offset, length).toArray();
                }

                @Override
                public byte[] finish() {
                    return new byte[1];
                }
            };
        }
    }

    @Test
    void aProviderThatDoesNotAnswerIsRefusedAtStart() {
        assertThat(refusal(new TestCipherProvider() {
                            @Override
                            public PrivateKey generateKey() {
                                throw new IllegalStateException("no card");
                            }
                        })
                        .detail())
                .endsWith("provider for tests, not for use does not answer: IllegalStateException");
        refusal(new TestCipherProvider() {
            @Override
            public int suite() {
                throw new NoClassDefFoundError("vendor/Driver");
            }
        });
    }

    @Test
    void whatFailsLaterSaysThatTheProductIsAway() {
        boolean[] away = {false};
        InstalledCipher cipher = InstalledCipher.of(new TestCipherProvider() {
                    @Override
                    public byte[] newContentKey() {
                        return away[0] ? new byte[31] : super.newContentKey();
                    }

                    @Override
                    public Wrapped wrap(byte[] publicKey, byte[] context, byte[] text) {
                        if (away[0]) {
                            throw new IllegalStateException("card pulled out");
                        }
                        return super.wrap(publicKey, context, text);
                    }
                })
                .orBug();
        RecipientPrivateKey key = cipher.generateKey();
        away[0] = true;
        assertThatThrownBy(cipher::newContentKey).isInstanceOf(TokenAway.class);
        assertThatThrownBy(() -> cipher.wrap(key.publicKey(), Bytes.utf8("context"), new byte[288]))
                .isInstanceOf(TokenAway.class);
    }

    @Test
    void keysComeBackFromTheirFilesAndForeignOnesAreRefused() {
        InstalledCipher cipher = ProviderJar.installed();
        RecipientPrivateKey made = cipher.generateKey();
        RecipientPrivateKey back = cipher.decodeKey(made.encode()).orBug();
        assertThat(back.publicKey()).isEqualTo(made.publicKey());
        assertThat(back.suite()).isSameAs(cipher.suite());
        assertThat(cipher.accepts(made.publicKey())).isTrue();
        RecipientKey zeros =
                RecipientKey.parse(cipher.suite(), Bytes.ofOwned(new byte[65])).orBug();
        assertThat(cipher.accepts(zeros)).isFalse();
        Suite other = Suite.ofNumber(0x80).orBug();
        assertThat(cipher.accepts(
                        RecipientKey.parse(other, made.publicKey().publicKey()).orBug()))
                .isFalse();
    }
}
