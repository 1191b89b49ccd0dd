package lienthong.gateway.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.api.OperatorDoor.Snapshot;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.StoreBench;
import lienthong.gateway.store.log.LogMessageStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotsTest {
    @TempDir
    Path data;

    private StoreBench.Real bench;
    private LogMessageStore store;

    @BeforeEach
    void fill() throws IOException {
        for (String folder : new String[] {"keys", "directory", "audit"}) {
            Files.createDirectories(data.resolve(folder));
        }
        Files.writeString(data.resolve("audit/log-000001"), "events of years\n");
        Files.writeString(data.resolve("audit/log-000002"), "events of now\n");
        Files.writeString(data.resolve("audit/checkpoints"), "signed\n");
        bench = new StoreBench.Real(data);
        store = bench.open();
    }

    @AfterEach
    void close() {
        store.close();
        bench.close();
    }

    private Result<Snapshot> make(Disk disk) {
        return new Snapshots(data, disk).make(store, Optional.empty(), Randomness.real());
    }

    @Test
    void eventsOfYearsAreLinkedAndThoseThatStillComeAreCopied() throws IOException {
        Path made = data.resolve(make(bench.disk()).orBug().folder());
        assertThat(inode(made.resolve("audit/log-000001"))).isEqualTo(inode(data.resolve("audit/log-000001")));
        for (String file : new String[] {"log-000002", "checkpoints"}) {
            assertThat(made.resolve("audit").resolve(file))
                    .hasSameBinaryContentAs(data.resolve("audit").resolve(file));
            assertThat(inode(made.resolve("audit").resolve(file)))
                    .isNotEqualTo(inode(data.resolve("audit").resolve(file)));
        }
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino");
    }

    @Test
    void aCopyThatDoesNotFitLeavesNothingThatHoldsTheDisksRoom() throws IOException {
        Disk full = (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (disk, method, arguments) -> {
                    if (method.getName().equals("makeFolder")
                            && arguments[0].toString().endsWith("/audit")) {
                        throw new IOException("No space left on device");
                    }
                    try {
                        return method.invoke(bench.disk(), arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
        assertThat(make(full).refusal().reason()).isEqualTo(ErrorCode.WRITE_FAILED);
        try (Stream<Path> left = Files.list(data)) {
            assertThat(left).noneMatch(entry -> entry.getFileName().toString().startsWith("snapshot-"));
        }
    }
}
