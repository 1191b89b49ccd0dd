package lienthong.gateway.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import lienthong.gateway.message.Bug;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class RealDiskTest {
    @TempDir
    Path folder;

    private Path root;
    private Disk disk;

    @BeforeEach
    void make() throws IOException {
        root = Files.createDirectory(folder.resolve("data"));
        disk = RealDisk.at(root);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(Disk.File file, long offset, int size) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(size);
        int count = file.read(offset, target);
        assertThat(target.position()).isEqualTo(count);
        return new String(target.array(), 0, count, StandardCharsets.UTF_8);
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }

    private void write(String path, String text) throws IOException {
        try (Disk.File file = disk.open(path)) {
            file.write(0, bytes(text));
        }
    }

    // ---- what must not happen

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x",
                "a/../../x",
                "/etc/x",
                "..",
                "a/..",
                "X",
                "a b",
                "a\\b",
                "a\u0000",
                "tệp",
                "a\n",
                "~x",
                "a:b",
                "*"
            })
    void aPathOutsideIsABugAtEveryDoor(String path) {
        assertThatThrownBy(() -> disk.open(path)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.openExisting(path)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.exists(path)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.list(path)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.makeFolder(path)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.rename("a", path)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.rename(path, "a")).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.delete(path)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.link("a", path)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> disk.lock(path)).isInstanceOf(Bug.class);
    }

    @Test
    void aLinkIsNeverFollowedToAFile() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "secret");
        Files.createSymbolicLink(root.resolve("link"), outside);
        assertThatThrownBy(() -> disk.open("link")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk.openExisting("link")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk.lock("link")).isInstanceOf(IOException.class);
        assertThat(disk.exists("link")).isFalse();
        assertThat(disk.list("")).isEmpty();
        disk.delete("link");
        assertThat(outside).hasContent("secret");
    }

    @Test
    void aLinkIsNoFolder() throws IOException {
        Path outside = Files.createDirectory(folder.resolve("elsewhere"));
        Files.writeString(outside.resolve("x"), "x");
        Files.createSymbolicLink(root.resolve("spool"), outside);
        assertThat(disk.list("spool")).isEmpty();
        assertThatThrownBy(() -> disk.makeFolder("spool")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk.makeFolder("spool/a")).isInstanceOf(IOException.class);
        assertThat(outside.resolve("a")).doesNotExist();
    }

    @Test
    void aLinkToNowhereDoesNotCreateItsTarget() throws IOException {
        Path target = folder.resolve("made-by-mistake");
        Files.createSymbolicLink(root.resolve("link"), target);
        assertThatThrownBy(() -> disk.open("link")).isInstanceOf(IOException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void nothingIsReadableByOthersWhateverTheUmask() throws Exception {
        write("file", "x");
        disk.makeFolder("a/b");
        Optional<AutoCloseable> lock = disk.lock("lock");
        assertThat(mode(root.resolve("file"))).isEqualTo("rw-------");
        assertThat(mode(root.resolve("lock"))).isEqualTo("rw-------");
        assertThat(mode(root.resolve("a"))).isEqualTo("rwx------");
        assertThat(mode(root.resolve("a/b"))).isEqualTo("rwx------");
        lock.orElseThrow().close();
    }

    @Test
    void saysWhatExposesAFileAndTheCommandThatMendsIt() throws IOException {
        write("key", "secret");
        assertThat(disk.exposure("key")).isEmpty();
        assertThat(disk.exposure("absent")).isEmpty();
        for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rwx------"}) {
            Files.setPosixFilePermissions(root.resolve("key"), PosixFilePermissions.fromString(mode));
            assertThat(disk.exposure("key").orElseThrow().english())
                    .as(mode)
                    .endsWith("chmod 600 " + root.resolve("key"));
        }
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-x---"));
        assertThat(disk.exposure("").orElseThrow().english()).endsWith("chmod 700 " + root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("r-x------"));
        assertThat(disk.exposure("")).isEmpty();
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(root.resolve("link"), root.resolve("key"));
        assertThat(disk.exposure("link").orElseThrow().english()).contains("is a symbolic link");
    }

    // ---- the lock

    @Test
    void onlyOneHolderAtATime() throws Exception {
        AutoCloseable first = disk.lock("lock").orElseThrow();
        assertThat(disk.lock("lock")).isEmpty();
        assertThat(RealDisk.at(root).lock("lock")).isEmpty();
        assertThat(RealDisk.at(folder.resolve("data/../data")).lock("lock")).isEmpty();
        first.close();
        AutoCloseable second = disk.lock("lock").orElseThrow();
        // Closing the first once more must not free the second.
        first.close();
        assertThat(disk.lock("lock")).isEmpty();
        second.close();
    }

    @Test
    void anotherProcessCannotTakeItEvenAfterThisOneTriedTwice() throws Exception {
        AutoCloseable held = disk.lock("lock").orElseThrow();
        // A second try from inside that opened and closed the file would drop the lock of the whole process.
        assertThat(disk.lock("lock")).isEmpty();
        try (OtherProcess other = new OtherProcess(root)) {
            assertThat(other.answer()).isEqualTo("in use");
        }
        held.close();
        try (OtherProcess other = new OtherProcess(root)) {
            assertThat(other.answer()).isEqualTo("held");
            assertThat(disk.lock("lock")).isEmpty();
            other.kill();
            disk.lock("lock").orElseThrow().close();
        }
    }

    /** A process of its own that takes the lock of a folder, says so, and holds it until its input ends. */
    private static final class OtherProcess implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;

        OtherProcess(Path root) throws IOException {
            String classes = place(RealDisk.class) + File.pathSeparator + place(RealDiskTest.class);
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xshare:auto",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            classes,
                            LockHolder.class.getName(),
                            root.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        private static String place(Class<?> type) {
            return Path.of(java.net.URI.create(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toString()))
                    .toString();
        }

        String answer() throws IOException {
            return output.readLine();
        }

        void kill() {
            process.destroyForcibly().onExit().join();
        }

        @Override
        public void close() throws IOException {
            output.close();
            kill();
        }
    }

    /** The other process's main class. */
    static final class LockHolder {
        private LockHolder() {}

        public static void main(String[] arguments) throws Exception {
            Optional<AutoCloseable> lock = RealDisk.at(Path.of(arguments[0])).lock("lock");
            System.out.println(lock.isPresent() ? "held" : "in use");
            while (System.in.read() >= 0) {
                // Holds until its parent goes.
            }
        }
    }

    // ---- files

    @Test
    void readsBackWhatWasWrittenAtItsPlace() throws IOException {
        try (Disk.File file = disk.open("log")) {
            file.write(5, bytes("world"));
            file.write(0, bytes("hello"));
            file.sync();
            assertThat(file.size()).isEqualTo(10);
            assertThat(read(file, 0, 10)).isEqualTo("helloworld");
            assertThat(read(file, 8, 10)).isEqualTo("ld");
            assertThat(read(file, 10, 10)).isEmpty();
            assertThat(read(file, 1_000_000, 10)).isEmpty();
            file.truncate(5);
            assertThat(read(file, 0, 10)).isEqualTo("hello");
        }
        try (Disk.File again = disk.open("log")) {
            assertThat(read(again, 0, 10)).isEqualTo("hello");
        }
    }

    @Test
    void preallocatedRoomIsZerosReallyOnDiskAndKeepsWhatWasThere() throws IOException {
        try (Disk.File file = disk.open("segment")) {
            file.write(0, bytes("head"));
            file.preallocate(3 * 1024 * 1024 + 17);
            assertThat(file.size()).isEqualTo(3 * 1024 * 1024 + 17);
            assertThat(read(file, 0, 6)).isEqualTo("head\u0000\u0000");
            assertThat(read(file, file.size() - 1, 5)).isEqualTo("\u0000");
            file.preallocate(10);
            assertThat(file.size()).isEqualTo(3 * 1024 * 1024 + 17);
            file.sync();
        }
        // 512-byte blocks really taken: a sparse file would have next to none.
        Process stat =
                new ProcessBuilder("stat", "-c", "%b", root.resolve("segment").toString()).start();
        String blocks = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(Long.parseLong(blocks) * 512).isGreaterThanOrEqualTo(3 * 1024 * 1024);
    }

    @Test
    void anAbsentFileIsNoFailure() throws IOException {
        assertThat(disk.openExisting("absent")).isEmpty();
        assertThat(disk.openExisting("no/such/folder")).isEmpty();
        assertThat(disk.exists("absent")).isFalse();
        assertThat(disk.list("absent")).isEmpty();
        disk.delete("absent");
    }

    @Test
    void openingExistingDoesNotCreate() throws IOException {
        assertThat(disk.openExisting("x")).isEmpty();
        assertThat(root.resolve("x")).doesNotExist();
        write("x", "content");
        try (Disk.File file = disk.openExisting("x").orElseThrow()) {
            assertThat(read(file, 0, 100)).isEqualTo("content");
        }
    }

    @Test
    void namesAreListedSortedAndFoldersAreNot() throws IOException {
        for (String name : new String[] {"b", "a", "c.2", "c.10"}) {
            write(name, name);
        }
        disk.makeFolder("folder");
        write("folder/inside", "x");
        assertThat(disk.list("")).containsExactly("a", "b", "c.10", "c.2");
        assertThat(disk.list("folder")).containsExactly("inside");
    }

    @Test
    void renamesReplaceLinksShareDeletesLeaveTheOther() throws IOException {
        write("new", "new");
        write("old", "old");
        disk.rename("new", "old");
        disk.syncFolder("");
        assertThat(disk.list("")).containsExactly("old");
        disk.link("old", "backup");
        disk.delete("old");
        disk.syncFolder("");
        assertThat(root.resolve("backup")).hasContent("new");
        assertThatThrownBy(() -> disk.link("backup", "backup")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk.rename("absent", "x")).isInstanceOf(IOException.class);
    }

    @Test
    void foldersAreMadeWithTheirParentsAndTwiceIsOnce() throws IOException {
        disk.makeFolder("a/b/c");
        disk.makeFolder("a/b/c");
        disk.makeFolder("");
        write("a/b/c/file", "x");
        disk.syncFolder("a/b/c");
        assertThat(disk.list("a/b/c")).containsExactly("file");
        assertThatThrownBy(() -> disk.makeFolder("a/b/c/file/d")).isInstanceOf(IOException.class);
    }

    @Test
    void saysHowMuchRoomThereIs() throws IOException {
        assertThat(disk.totalBytes()).isPositive();
        assertThat(disk.freeBytes()).isBetween(0L, disk.totalBytes());
    }

    @Test
    void theMachinesClockIsCutToMillisecondsAndItsMonotonicOneNeverGoesBack() {
        Clock clock = Clock.real();
        java.time.Instant now = clock.now();
        assertThat(now).isEqualTo(now.truncatedTo(java.time.temporal.ChronoUnit.MILLIS));
        long first = clock.nanos();
        assertThat(clock.nanos()).isGreaterThanOrEqualTo(first);
    }

    @Test
    void randomBytesDifferAndAnIncarnationIsNeverZero() {
        Randomness randomness = Randomness.real();
        assertThat(randomness.bytes(32)).hasSize(32).isNotEqualTo(randomness.bytes(32));
        assertThat(randomness.nonZeroLong()).isNotZero();
        Randomness zerosFirst = new Randomness() {
            private int calls;

            @Override
            public byte[] bytes(int size) {
                byte[] bytes = new byte[size];
                bytes[0] = (byte) calls++;
                return bytes;
            }

            @Override
            public java.security.SecureRandom secureRandom() {
                throw new AssertionError("not asked for");
            }
        };
        assertThat(zerosFirst.nonZeroLong()).isEqualTo(1L << 56);
    }
}
