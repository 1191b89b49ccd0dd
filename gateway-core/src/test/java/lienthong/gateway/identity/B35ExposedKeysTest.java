package lienthong.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row B35 of the bad inputs, as far as keys go. */
class B35ExposedKeysTest {
    @TempDir
    Path folder;

    private final Province province = Province.make(35);

    @BeforeEach
    void join() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        assertThat(province.join(province.invite(Province.TAY_SON), RealDisk.at(folder))
                        .isOk())
                .isTrue();
    }

    private Refusal opened() {
        return NodeKeys.open(RealDisk.at(folder), Protection.fileModes(), province.randomness)
                .refusal();
    }

    @Test
    void keysAreMadeForTheOwnerAlone() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(path -> !path.equals(folder)).forEach(path -> {
                try {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .as(path.toString())
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
        assertThat(NodeKeys.open(RealDisk.at(folder), Protection.fileModes(), province.randomness)
                        .isOk())
                .isTrue();
    }

    @Test
    void b35_readableByOthers() throws IOException {
        Path key = folder.resolve("keys/custody.key");
        for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rwx------"}) {
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(mode));
            Refusal refusal = opened();
            assertThat(refusal.reason()).isEqualTo(ErrorCode.FILE_EXPOSED);
            assertThat(refusal.detail()).contains("chmod 600 " + key);
        }
    }

    @Test
    void b35_folderOpenToOthers() throws IOException {
        Path keys = folder.resolve("keys");
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwxr-x---"));
        assertThat(opened().detail()).contains("chmod 700 " + keys);
    }

    @Test
    void b35_aSymbolicLinkWhereAFileMustBe() throws IOException {
        Path master = folder.resolve("keys/master.key");
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(master, elsewhere);
        Files.createSymbolicLink(master, elsewhere);
        Refusal refusal = opened();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.FILE_EXPOSED);
        assertThat(refusal.detail()).contains("symbolic link");
    }

    @Test
    void b35_aLinkedFolder() throws IOException {
        Path keys = folder.resolve("keys");
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(keys, elsewhere);
        Files.createSymbolicLink(keys, elsewhere);
        assertThat(opened().reason()).isEqualTo(ErrorCode.FILE_EXPOSED);
    }

    @Test
    void b35_anyKeyFileThatIsALink() throws IOException {
        Path key = folder.resolve("keys/tls.pair");
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(key, elsewhere);
        Files.createSymbolicLink(key, elsewhere);
        assertThat(opened().reason()).isEqualTo(ErrorCode.FILE_EXPOSED);
    }
}
