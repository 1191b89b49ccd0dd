package lienthong.gateway.identity;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryEntry;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.directory.RevocationEntry;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;

/** What the next directory shall say, before it is signed. Mutable, not thread-safe. */
public final class DirectoryDraft {
    private final Map<String, DirectoryEntry> entries = new TreeMap<>();

    DirectoryDraft(List<DirectoryEntry> start) {
        start.forEach(this::put);
    }

    /** Starts from what is in force. */
    public static DirectoryDraft of(Directory directory) {
        return new DirectoryDraft(directory.entries());
    }

    /** Adds an entry, or replaces the one of the same kind and name. */
    public DirectoryDraft put(DirectoryEntry entry) {
        entries.put(entry.entryKey(), entry);
        return this;
    }

    /** Takes an entry out; a revocation stays whatever is asked. */
    public DirectoryDraft remove(DirectoryEntry entry) {
        if (!(entry instanceof RevocationEntry)) {
            entries.remove(entry.entryKey());
        }
        return this;
    }

    /** Changes an office; UNKNOWN_RECIPIENT when there is none of this code. */
    public Optional<Refusal> change(OrganisationId id, UnaryOperator<OrganisationEntry> change) {
        for (DirectoryEntry entry : entries.values()) {
            if (entry instanceof OrganisationEntry office && office.id().equals(id)) {
                put(change.apply(office));
                return Optional.empty();
            }
        }
        return Optional.of(Refusal.of(ErrorCode.UNKNOWN_RECIPIENT, "no organisation {0}", id));
    }

    /** Ends an office at a time; its successors must stand in the draft when it is signed. */
    public Optional<Refusal> end(
            OrganisationId id, Instant at, OrganisationEntry.End how, List<OrganisationId> successors) {
        return change(id, office -> office.endedAt(at, how, successors));
    }

    List<DirectoryEntry> entries() {
        return List.copyOf(entries.values());
    }
}
