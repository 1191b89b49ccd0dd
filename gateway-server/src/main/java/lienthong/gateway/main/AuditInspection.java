package lienthong.gateway.main;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.audit.AuditLog;
import lienthong.gateway.audit.Verification;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.check.OverlayDisk;

/**
 * The audit log as the next start would find it.
 *
 * @param unfinished what that start would cut off
 */
record AuditInspection(long events, int checkpoints, Optional<String> unfinished, Optional<Refusal> fault) {
    private static final String CHECKPOINTS = "audit/checkpoints";
    private static final int PIECE_BYTES = 1 << 20;

    /** Reads all of it; changes nothing. */
    static AuditInspection look(Disk disk, Clock clock) throws IOException {
        if (disk.list("audit").isEmpty()) {
            return new AuditInspection(0, 0, Optional.empty(), Optional.empty());
        }
        try (OverlayDisk overlay = new OverlayDisk(disk, Set.of())) {
            Set<String> before = Set.copyOf(disk.list("audit"));
            Result<AuditLog> opened = AuditLog.open(overlay, clock, Runnable::run, refusal -> {});
            if (!(opened instanceof Result.Ok<AuditLog> log)) {
                return new AuditInspection(0, 0, Optional.empty(), Optional.of(opened.refusal()));
            }
            Optional<String> cut = overlay.list("audit").stream()
                    .filter(name -> name.startsWith("cut-") && !before.contains(name))
                    .findFirst()
                    .map(name -> "audit");
            long begun = log.value().size();
            // Signatures need the directory, which a node has: only what stands under them is compared here.
            Verification verified = AuditLog.verify(overlay, List.of());
            if (verified instanceof Verification.Broken broken) {
                return broken(broken.firstBad(), Detail.technical(broken.detail()), cut);
            }
            Verification.Intact whole = (Verification.Intact) verified;
            return whole.checkpoints() == lines(disk, CHECKPOINTS)
                    ? new AuditInspection(begun - (cut.isPresent() ? 1 : 0), whole.checkpoints(), cut, Optional.empty())
                    : broken(begun, Detail.of("a line of the checkpoints is not what was written"), cut);
        }
    }

    private static AuditInspection broken(long event, Detail why, Optional<String> cut) {
        return new AuditInspection(
                event, 0, cut, Optional.of(Refusal.of(ErrorCode.AUDIT_BROKEN, "event {0}: {1}", event, why)));
    }

    /** Lines that were finished. */
    private static int lines(Disk disk, String path) throws IOException {
        Optional<Disk.File> found = disk.openExisting(path);
        if (found.isEmpty()) {
            return 0;
        }
        int lines = 0;
        try (Disk.File file = found.get()) {
            ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
            for (long at = 0; file.read(at, piece.clear()) > 0; at += piece.position()) {
                for (int i = 0; i < piece.position(); i++) {
                    lines += piece.get(i) == '\n' ? 1 : 0;
                }
            }
        }
        return lines;
    }
}
