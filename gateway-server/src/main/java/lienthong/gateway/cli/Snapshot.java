package lienthong.gateway.cli;

import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import lienthong.proto.operator.v1.SnapshotRequest;

/** A copy of a running node's folder, gone when closed. */
record Snapshot(Path folder, DataFolders folders) implements AutoCloseable {
    /** Asks the node for one; empty when none runs on the data folder, or only its socket was left behind. */
    static Optional<Snapshot> of(Root root) throws Refused {
        if (!Files.exists(root.data().resolve("run").resolve("api.sock"))) {
            return Optional.empty();
        }
        try (Daemon daemon = Daemon.of(root)) {
            String name = daemon.operatorStream()
                    .snapshot(SnapshotRequest.getDefaultInstance())
                    .getFolder();
            return Optional.of(
                    new Snapshot(root.data().resolve(name), root.surroundings().folders()));
        } catch (StatusRuntimeException failed) {
            if (Daemon.isAbsent(failed)) {
                return Optional.empty();
            }
            throw failed;
        }
    }

    @Override
    public void close() {
        folders.removeSnapshot(folder);
    }
}
