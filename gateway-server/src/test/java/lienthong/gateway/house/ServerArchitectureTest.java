package lienthong.gateway.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The plan of gateway-server's rooms (docs/ARCHITECTURE.md), each rule with its reason as the text that fails. */
class ServerArchitectureTest {
    private static final String CORE =
            "message environment merkle cipher crypto directory identity envelope link client";

    /** The table of rooms. */
    private enum Room {
        STORE("message environment", "custody keeps bytes by kind and key: what they mean is none of its business"),
        ROUTING(
                "message directory",
                "where next is a pure function of the directory and the header, so that a table of cases tests all of it"),
        DELIVERY(
                "message environment store routing",
                "the queue manager decides by what everybody may see; keys, links and applications are ports"),
        AUDIT("message environment merkle", "a log of events holds no payloads and needs no keys but through a port"),
        NODE(
                CORE + " store routing delivery audit text api",
                "composes a node from its parts and fulfils the doors; is composed by nobody but main"),
        API(
                "message text",
                "doors see the node's doors and values only: a stranger's call cannot reach a queue or a key by another way"),
        CLI(
                "message text api config crypto directory identity envelope environment",
                "commands are outside users of the doors, or work on files"),
        CONFIG("message text", "a configuration is read before anything exists that it could know"),
        TEXT("message", "texts by error number and key, nothing to compute"),
        TELEMETRY("message api node", "reads doors"),
        CONSOLE("message text api", "the operator's page is an outside user of the doors"),
        EXCHANGE(
                "message text client",
                "the systems that ride on the network use the façade, as a district's own system would"),
        BRIDGE("message text client config", "each bridge is an outside user of the façade"),
        MAIN(
                CORE + " store routing delivery audit node api cli config text telemetry console exchange bridge",
                "puts everything together");

        final String known;
        final String reason;

        Room(String known, String reason) {
            this.known = known;
            this.reason = reason;
        }

        String folder() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        Set<String> knownRooms() {
            return Set.of(known.split(" "));
        }
    }

    private static final Set<String> SERVER_ROOMS = new TreeSet<>();

    static {
        for (Room room : Room.values()) {
            SERVER_ROOMS.add(room.folder());
        }
    }

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("lienthong.gateway");

    private static final DescribedPredicate<JavaClass> OF_THE_SERVER =
            DescribedPredicate.describe("are of the server", type -> SERVER_ROOMS.contains(Rooms.of(type)));

    @ParameterizedTest
    @EnumSource
    void aRoomKnowsOnlyTheRoomsOfItsRow(Room room) {
        Rooms.mayKnow(room.folder(), room.knownRooms(), room.reason).check(ALL);
    }

    @Test
    void everyClassLivesInARoomOfATable() {
        Set<String> rooms = new TreeSet<>(SERVER_ROOMS);
        rooms.addAll(Set.of(CORE.split(" ")));
        rooms.add("cipher"); // of the core; no room of the server may know it, products are called by crypto alone
        for (JavaClass type : ALL) {
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
                .check(ALL);
    }

    @Test
    void aRelayCannotOpenWhatItCarries() {
        classes()
                .that(Rooms.in("store").or(Rooms.in("routing")).or(Rooms.in("delivery")))
                .should(Rooms.dependOnNothing(
                        "on keys, ciphers, sealing or opening",
                        target -> Set.of("cipher", "crypto", "identity", "envelope", "client")
                                        .contains(Rooms.of(target))
                                || target.getName().startsWith("javax.crypto.")
                                || target.getName().startsWith("org.bouncycastle.")
                                || target.getName().equals("java.security.PrivateKey")
                                || target.getName().equals("java.security.KeyStore")))
                .because(
                        "a relay must be unable to read what it carries, by what its rooms cannot even name (threat T1)")
                .check(ALL);
    }

    @Test
    void theNodeAloneHoldsTheDirectoryInForce() {
        noFields()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage("lienthong.gateway.main..", "lienthong.gateway.api..", "lienthong.gateway.cli..")
                .should()
                .haveRawType(lienthong.gateway.directory.DirectoryView.class)
                .because(
                        "a second copy falls behind: one handshake would be judged by today's revocations, another not")
                .check(ALL);
    }

    @Test
    void aNodeFulfilsDoorsAndKnowsNoTransport() {
        classes()
                .that(Rooms.in("node"))
                .should(Rooms.dependOnNothing(
                        "on gRPC, nor on what in api speaks it",
                        target -> target.getName().startsWith("io.grpc.")
                                || Rooms.of(target).equals("api") && speaksGrpc(target)))
                .because(
                        "the doors and their values are the node's side of api; whether a stranger came by gRPC is not its business")
                .allowEmptyShould(true)
                .check(ALL);
    }

    private static boolean speaksGrpc(JavaClass type) {
        return ALL.contain(type.getName())
                && ALL.get(type.getName()).getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency.getTargetClass().getName())
                        .anyMatch(name -> name.startsWith("io.grpc.") || name.startsWith(Rooms.GENERATED));
    }

    @Test
    void onlyCryptoImportsBouncyCastle() {
        noClasses()
                .that(OF_THE_SERVER)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bouncycastle..")
                .because("one place to review, one place to replace")
                .check(ALL);
    }

    @Test
    void generatedClassesStopAtTheDoorsAndCodecs() {
        classes()
                .that(OF_THE_SERVER)
                .and(DescribedPredicate.not(Rooms.in("api")))
                .and(DescribedPredicate.not(Rooms.in("cli")))
                .and(DescribedPredicate.describe(
                        "are no codecs",
                        type -> !Rooms.outermost(type).endsWith("Codec")
                                && !Rooms.outermost(type).endsWith("Wire")))
                .should(Rooms.dependOnNothing(
                        "on protobuf",
                        target -> target.getName().startsWith(Rooms.GENERATED)
                                || target.getName().startsWith("com.google.protobuf.")))
                .because(
                        "the domain outlives the wire: api serves and cli calls the generated services, the others speak in values")
                .check(ALL);
    }

    @Test
    void eachOutsideLibraryHasItsRoom() {
        onlyIn("io.grpc..", "gRPC is a door: api serves it, cli calls it", "api", "cli");
        onlyIn(
                "io.netty..",
                "sockets belong to the core's link; api names only the transports gRPC runs on",
                "api",
                "cli");
        onlyIn(
                "java.sql..",
                "SQLite is a view of the log that can be thrown away: nobody else may come to depend on it",
                "store");
        onlyIn("org.sqlite..", "SQLite is a view of the log that can be thrown away", "store");
        onlyIn("picocli..", "arguments are parsed at the outermost door", "cli", "main");
        onlyIn("org.snakeyaml..", "one reader of the configuration", "config");
        onlyIn("ch.qos..", "which log a process writes is decided where it begins", "main", "cli");
    }

    private static void onlyIn(String library, String reason, String... rooms) {
        Set<String> allowed = Set.of(rooms);
        noClasses()
                .that(OF_THE_SERVER)
                .and(DescribedPredicate.describe(
                        "are outside " + new TreeSet<>(allowed), type -> !allowed.contains(Rooms.of(type))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because(reason)
                .check(ALL);
    }

    @Test
    void aBridgeKnowsNoOtherBridge() {
        slices().matching("lienthong.gateway.bridge.(*)..")
                .should()
                .notDependOnEachOther()
                .because("each is an outside user of the façade")
                .allowEmptyShould(true)
                .check(ALL);
    }

    @Test
    void timeComesFromThePort() {
        noClasses()
                .that(OF_THE_SERVER)
                .should()
                .accessTargetWhere(READS_A_CLOCK)
                .because("a clock read beside the port makes a seed that does not replay and a test that sleeps")
                .check(ALL);
    }

    @Test
    void nobodySleeps() {
        noClasses()
                .that(OF_THE_SERVER)
                .should()
                .accessTargetWhere(SLEEPS)
                .because("whoever waits, waits for something: the loop's timers and results say when it came")
                .check(ALL);
    }

    @Test
    void randomnessComesFromThePort() {
        noClasses()
                .that(OF_THE_SERVER)
                .should()
                .accessTargetWhere(MAKES_RANDOMNESS)
                .because("a second source of random bytes is a second place to get keys wrong, and does not replay")
                .check(ALL);
    }

    /** Rooms, or single classes, that reach files beside the Disk port, with the reason for each. */
    private static final Map<String, String> MAY_TOUCH_FILES = Map.of(
            "cli", "commands read and write the files their user names",
            "config", "the configuration file stands outside the data folder",
            "main", "opens the data folder and makes it the node's Disk",
            "api.ApiServer", "the Unix socket: its folder's and its own mode are checked and set",
            "store.check.KeptDatabase",
                    "SQLite's files are read as they lie there, copied first when it would write beside them",
            "store.check.ViewCheck", "names the view's file to the former",
            "store.view.SqliteView", "SQLite writes its own files, which are thrown away and made anew",
            "store.archive.SqliteArchiveIndex", "SQLite writes its own files, which are thrown away and made anew",
            "store.record.PrivateFile", "gives those files the mode that RealDisk gives all others");

    @Test
    void filesAreReachedThroughThePort() {
        noClasses()
                .that(OF_THE_SERVER)
                .and(notListedIn(MAY_TOUCH_FILES))
                .should()
                .accessTargetWhere(TOUCHES_FILES)
                .because(
                        "the simulator's disk must be able to fail, and every file must get the mode that RealDisk gives")
                .check(ALL);
    }

    @Test
    void onlyMainEndsTheProcessAndReadsItsEnvironment() {
        noClasses()
                .that(OF_THE_SERVER)
                .and(notListedIn(Map.of("main", "that is its job")))
                .should()
                .accessTargetWhere(access(
                        "the process is ended or its environment read",
                        target -> isCall(target, "java.lang.System", "exit", "getenv", "setProperty")
                                || isCall(target, "java.lang.Runtime", "exit", "halt")))
                .because("a node in a test must not end the test, and what a process was told stands in one place")
                .check(ALL);
    }

    @Test
    void onlyCommandsTalkToTheTerminal() {
        noClasses()
                .that(OF_THE_SERVER)
                .and(notListedIn(Map.of("main", "hands the streams on", "cli", "speaks with the operator")))
                .should()
                .accessTargetWhere(access(
                        "the terminal is used",
                        target -> isCall(target, "java.lang.System", "out", "err", "in")
                                || isCall(target, "java.lang.Throwable", "printStackTrace")))
                .because("a daemon's words go to the log, where they have a level and an owner")
                .check(ALL);
    }

    /** Who may see secret bytes in the server, with the reason for each. */
    private static final Map<String, String> MAY_SEE_SECRETS = Map.of();

    @Test
    void onlyListedClassesSeeSecretBytes() {
        noClasses()
                .that(OF_THE_SERVER)
                .and(notListedIn(MAY_SEE_SECRETS))
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("lienthong.gateway.crypto.UnsafeKeyAccess")
                .because("each caller that sees a key's bytes is a place where it can leak: the list says why it must")
                .check(ALL);
    }

    // ---- what the rules look for

    private static DescribedPredicate<JavaClass> notListedIn(Map<String, String> exceptions) {
        return DescribedPredicate.describe(
                "are not among " + new TreeSet<>(exceptions.keySet()),
                type -> !exceptions.containsKey(Rooms.shortName(type)) && !exceptions.containsKey(Rooms.of(type)));
    }

    private static DescribedPredicate<JavaAccess<?>> access(String description, Predicate<AccessTarget> is) {
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

    private static final DescribedPredicate<JavaAccess<?>> SLEEPS = access(
            "a thread sleeps",
            target -> isCall(target, "java.lang.Thread", "sleep")
                    || isCall(target, "java.util.concurrent.TimeUnit", "sleep")
                    || isCall(target, "java.util.concurrent.locks.LockSupport", "parkNanos", "parkUntil"));

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
}
