package lienthong.gateway.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The plan of gateway-core's rooms (docs/ARCHITECTURE.md), each rule with its reason as the text that fails. */
class ArchitectureTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("lienthong.gateway");

    /** The table of rooms. */
    private enum Room {
        MESSAGE("", "everybody speaks in these values, so they may lean on nobody"),
        ENVIRONMENT("message", "ports know nothing of the gateway, so that the simulator's forms need not either"),
        MERKLE(
                "message",
                "a tree does not know what its leaves mean: messages, receipts, directory entries, audit events alike"),
        CIPHER(
                "",
                "the State cipher service's product is written against this room alone, and whoever carries what it sealed has no use for it"),
        CRYPTO(
                "message environment cipher",
                "primitives do not know whose key it is: one place to review, one place to replace"),
        DIRECTORY(
                "message environment merkle crypto",
                "who is who is decided from public statements alone, without private keys, network or store"),
        IDENTITY(
                "message environment merkle crypto directory",
                "my own keys are nobody's business but the sealer's and TLS's: no network, no store"),
        ENVELOPE(
                "message environment merkle crypto directory identity",
                "what is sealed today is opened in ten years, whatever carries it then"),
        LINK(
                "message environment",
                "whoever carries bytes between nodes must not be able to open them, keep them or choose their way"),
        CLIENT(
                "message environment merkle crypto directory identity envelope link",
                "the façade composes the core and knows no server");

        final String known;
        final String reason;

        Room(String known, String reason) {
            this.known = known;
            this.reason = reason;
        }

        Set<String> knownRooms() {
            return known.isEmpty() ? Set.of() : Set.of(known.split(" "));
        }

        String folder() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRoomKnowsOnlyTheRoomsOfItsRow(Room room) {
        Rooms.mayKnow(room.folder(), room.knownRooms(), room.reason).check(CORE);
    }

    @Test
    void everyClassLivesInARoomOfTheTable() {
        Set<String> rooms = new TreeSet<>();
        for (Room room : Room.values()) {
            rooms.add(room.folder());
        }
        for (JavaClass type : CORE) {
            assertThat(Rooms.of(type))
                    .as("%s: a new room needs its row in the table, with a reason", type.getName())
                    .isIn(rooms);
        }
    }

    @Test
    void roomsHaveNoCycles() {
        slices().matching("lienthong.gateway.(*)..")
                .should()
                .beFreeOfCycles()
                .because("two rooms that need each other are one room that nobody can read alone")
                .check(CORE);
    }

    @Test
    void onlyCryptoImportsBouncyCastle() {
        noClasses()
                .that(DescribedPredicate.not(Rooms.in("crypto")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bouncycastle..")
                .because("one place to review, one place to replace")
                .check(CORE);
    }

    @Test
    void onlyCryptoCallsTheJdksCiphersKeysAndSignatures() {
        classes()
                .that(DescribedPredicate.not(Rooms.in("crypto")))
                .should(Rooms.dependOnNothing(
                        "on ciphers, keys, signatures, key stores",
                        target -> Set.of(
                                        "javax.crypto.Cipher",
                                        "javax.crypto.Mac",
                                        "javax.crypto.KeyAgreement",
                                        "javax.crypto.KeyGenerator",
                                        "javax.crypto.SecretKeyFactory",
                                        "javax.crypto.spec.SecretKeySpec",
                                        "java.security.Signature",
                                        "java.security.KeyPairGenerator",
                                        "java.security.KeyFactory")
                                .contains(target.getName())))
                .because("which algorithm runs is decided by a suite's number in one room, never beside it")
                .check(CORE);
    }

    @Test
    void generatedClassesStopAtCodecs() {
        classes()
                .that(DescribedPredicate.describe(
                        "are no codecs",
                        type -> !Rooms.outermost(type).endsWith("Codec")
                                && !Rooms.outermost(type).endsWith("Wire")))
                .should(Rooms.dependOnNothing(
                        "on protobuf",
                        target -> target.getName().startsWith(Rooms.GENERATED)
                                || target.getName().startsWith("com.google.protobuf.")))
                .because(
                        "the domain outlives the wire: classes named …Codec or …Wire translate, the others speak in values")
                .check(CORE);
    }

    @Test
    void onlyCryptoCallsTheStatesCipherProvider() {
        noClasses()
                .that(DescribedPredicate.not(Rooms.in("crypto")))
                .and(DescribedPredicate.not(Rooms.in("cipher")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("lienthong.gateway.cipher..")
                .because("a foreign program's answers are checked and its exceptions caught in one place")
                .check(CORE);
    }

    @Test
    void nettyStaysInTheLink() {
        noClasses()
                .that(DescribedPredicate.not(Rooms.in("link.netty")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .because(
                        "session logic runs in the simulator, where there are no sockets; client composes it by the link's own classes")
                .check(CORE);
    }

    @Test
    void coreKnowsNoServerDatabaseOrGrpc() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..", "java.sql..", "org.sqlite..", "picocli..", "org.snakeyaml..", "ch.qos..")
                .because("a district's system embeds this jar: what it drags in is what that system must live with")
                .check(CORE);
    }

    @Test
    void timeComesFromThePort() {
        noClasses()
                .that(DescribedPredicate.not(Rooms.in("environment")))
                .should()
                .accessTargetWhere(READS_A_CLOCK)
                .because("a clock read beside the port makes a seed that does not replay and a test that sleeps")
                .check(CORE);
    }

    @Test
    void nobodySleeps() {
        noClasses()
                .should()
                .callMethodWhere(SLEEPS)
                .because("whoever waits, waits for something: the loop's timers and results say when it came")
                .check(CORE);
    }

    @Test
    void randomnessComesFromThePort() {
        noClasses()
                .that(DescribedPredicate.not(Rooms.in("environment")))
                .should()
                .accessTargetWhere(MAKES_RANDOMNESS)
                .because("a second source of random bytes is a second place to get keys wrong, and does not replay")
                .check(CORE);
    }

    /** Whole-file exceptions, with the reason for each. */
    private static final Map<String, String> MAY_TOUCH_FILES = Map.of(
            "client.PlainFiles",
            "files that the embedding application names: what it sends and saves, its invitation, its state folder");

    @Test
    void filesAreReachedThroughThePort() {
        noClasses()
                .that(DescribedPredicate.not(Rooms.in("environment")))
                .and(notListedIn(MAY_TOUCH_FILES))
                .should()
                .accessTargetWhere(TOUCHES_FILES)
                .because(
                        "the simulator's disk must be able to fail, and every file must get the mode that RealDisk gives")
                .check(CORE);
    }

    @Test
    void aLibraryDoesNotTalkToTheTerminalOrEndTheProcess() {
        noClasses()
                .should()
                .accessTargetWhere(TALKS_OR_EXITS)
                .because("the process and its streams belong to the system that embeds us")
                .check(CORE);
        methods()
                .that()
                .haveName("main")
                .and()
                .areStatic()
                .should()
                .bePrivate()
                .because("the core is a library: gateway-server's main starts processes")
                .allowEmptyShould(true)
                .check(CORE);
    }

    /** Who may see secret bytes outside crypto, with the reason for each. */
    private static final Map<String, String> MAY_SEE_SECRETS = Map.of(
            "envelope.SlotCodec",
            "the content key stands between other fields in a slot's plaintext",
            "identity.Secrets",
            "private keys are put together and taken apart for their files, and handed to the TLS engine");

    @Test
    void onlyListedClassesSeeSecretBytes() {
        ArchRule rule = noClasses()
                .that(DescribedPredicate.not(Rooms.in("crypto")))
                .and(notListedIn(MAY_SEE_SECRETS))
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("lienthong.gateway.crypto.UnsafeKeyAccess")
                .because("each caller that sees a key's bytes is a place where it can leak: the list says why it must");
        rule.check(CORE);
    }

    @Test
    void exceptionsAreForClassesThatExist() {
        Set<String> names = new TreeSet<>();
        for (JavaClass type : CORE) {
            names.add(Rooms.shortName(type));
        }
        assertThat(names)
                .as("a class that is gone needs no exception")
                .containsAll(MAY_SEE_SECRETS.keySet())
                .containsAll(MAY_TOUCH_FILES.keySet());
    }

    // ---- what the rules look for

    private static DescribedPredicate<JavaClass> notListedIn(Map<String, String> exceptions) {
        return DescribedPredicate.describe(
                "are not among " + new TreeSet<>(exceptions.keySet()),
                type -> !exceptions.containsKey(Rooms.shortName(type)));
    }

    private static DescribedPredicate<JavaAccess<?>> access(
            String description, java.util.function.Predicate<AccessTarget> is) {
        return DescribedPredicate.describe(description, access -> is.test(access.getTarget()));
    }

    private static boolean isCall(AccessTarget target, String owner, String... names) {
        return target.getOwner().getName().equals(owner) && Set.of(names).contains(target.getName());
    }

    private static final DescribedPredicate<JavaAccess<?>> READS_A_CLOCK =
            access("the machine's clock is read", target -> {
                String owner = target.getOwner().getName();
                return isCall(target, "java.lang.System", "nanoTime", "currentTimeMillis")
                        || owner.startsWith("java.time.") && target.getName().equals("now")
                        || owner.equals("java.time.Clock")
                        || isCall(target, "java.util.Date", "<init>")
                                && target instanceof AccessTarget.CodeUnitAccessTarget constructor
                                && constructor.getRawParameterTypes().isEmpty();
            });

    private static final DescribedPredicate<com.tngtech.archunit.core.domain.JavaMethodCall> SLEEPS =
            DescribedPredicate.describe(
                    "a thread sleeps",
                    call -> isCall(call.getTarget(), "java.lang.Thread", "sleep")
                            || isCall(call.getTarget(), "java.util.concurrent.TimeUnit", "sleep")
                            || isCall(
                                    call.getTarget(),
                                    "java.util.concurrent.locks.LockSupport",
                                    "parkNanos",
                                    "parkUntil"));

    private static final DescribedPredicate<JavaAccess<?>> MAKES_RANDOMNESS = access(
            "random bytes are made",
            target -> isCall(target, "java.lang.Math", "random")
                    || isCall(target, "java.util.UUID", "randomUUID")
                    || isCall(target, "java.util.concurrent.ThreadLocalRandom", "current")
                    || isCall(target, "java.security.SecureRandom", "<init>", "getInstance", "getInstanceStrong")
                    || isCall(target, "java.util.SplittableRandom", "<init>")
                    || isCall(target, "java.util.Random", "<init>"));

    private static final Set<String> FILE_TYPES = Set.of(
            "java.nio.file.Files",
            "java.io.File",
            "java.io.FileInputStream",
            "java.io.FileOutputStream",
            "java.io.FileReader",
            "java.io.FileWriter",
            "java.io.RandomAccessFile",
            "java.nio.channels.FileChannel");

    private static final DescribedPredicate<JavaAccess<?>> TOUCHES_FILES = access(
            "a file is touched", target -> FILE_TYPES.contains(target.getOwner().getName()));

    private static final DescribedPredicate<JavaAccess<?>> TALKS_OR_EXITS = access(
            "the terminal or the process is used",
            target -> isCall(target, "java.lang.System", "out", "err", "in", "exit", "getenv", "setProperty")
                    || isCall(target, "java.lang.Runtime", "exit", "halt")
                    || isCall(target, "java.lang.Throwable", "printStackTrace"));
}
