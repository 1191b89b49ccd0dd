package lienthong.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.link.TransferSink;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CiphertextFolderTest {
    @TempDir
    private Path folder;

    @Test
    void aSessionThatEndsWhileItsLastTransferFinishesKeepsAllOfIt() throws IOException {
        CiphertextFolder ciphertexts = CiphertextFolder.open(RealDisk.at(folder));
        Hash core = Hash.of(Bytes.utf8("core"));
        TransferSink sink = ciphertexts.sink(core, 0);
        assertThat(sink.write(0, Bytes.utf8("0123456789"))).isEmpty();
        assertThat(sink.finish().isOk()).isTrue();
        sink.suspend();
        assertThat(ciphertexts.arrived(core)).isEqualTo(10);
    }
}
