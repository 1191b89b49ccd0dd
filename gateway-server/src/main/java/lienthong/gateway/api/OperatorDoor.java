package lienthong.gateway.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/** What an operator does with a running node; {@code status} serves applications too. */
public interface OperatorDoor {
    void status(Consumer<Status> answer);

    /** A page of the queue in the order of leaving. */
    void queue(QueueQuery query, Consumer<Result<QueuePage>> answer);

    /**
     * The evidence of one message, sent or received here, as a zip; {@code MESSAGE_UNKNOWN}; {@code CONTENT_NOT_HERE} when the content was asked for
     * and cannot be opened here or was let go; {@code EVIDENCE_INVALID} when a signer cannot be shown.
     */
    void evidence(MessageId id, boolean withContent, Consumer<Result<ContentStream>> answer);

    /** Begins an orderly stop; answers before the process goes. */
    void stop(Duration grace, Runnable answer);

    /** Takes a signed directory (at most 64 MiB) into force. */
    void importDirectory(Bytes file, Consumer<Result<DirectoryFacts>> answer);

    /** The directory in force and a page of its offices. */
    void showDirectory(int size, String token, Consumer<Result<DirectoryPage>> answer);

    /** The signed directory in force as a file. */
    void exportDirectory(Consumer<Result<ContentStream>> answer);

    /** An invitation for an embedded client; {@code dial} empty = the node's own listening address. */
    void inviteClient(Address address, List<String> dial, Consumer<Result<ClientInvitation>> answer);

    /** Revokes every client of an address and makes unused invitations void; answers when it is durable and their sessions are being closed. */
    void revokeClients(Address address, Consumer<Result<ClientRevocation>> answer);

    /** Events of the audit log from {@code from} on, or the last {@code count}. */
    void audit(Optional<Long> from, int count, Consumer<AuditPage> answer);

    /** Reads the whole audit log and compares it with the checkpoints kept beside it; {@code AUDIT_BROKEN} when it cannot be read. */
    void verifyAudit(Consumer<Result<AuditCheck>> answer);

    /**
     * A consistent copy of everything a node needs, below its data folder; {@code DISK_LOW} when there is no room to close the log's segment,
     * {@code WRITE_FAILED}. The one before is removed.
     */
    void snapshot(Consumer<Result<Snapshot>> answer);

    /** A folder relative to the data folder, and the bytes in it. */
    record Snapshot(String folder, long bytes) {}

    /** Looks at everything that an operator can mend: a finding for each, good or not. Reads and writes the disk a little. */
    void diagnose(Consumer<List<Finding>> answer);

    /** What was looked at; the catalogue has {@code doctor.} and the name, and {@code doctor.do.} and the name for what to do. */
    enum Topic {
        /** Whether the node runs and serves. */
        NODE,
        /** What the node itself has found out and nobody has decided. */
        NOTE,
        CLOCK_SIGNED,
        CLOCK_NEIGHBOUR,
        DISK_FREE,
        DISK_QUOTA,
        DISK_SYNC,
        FOLDER_MODES,
        SOCKET_MODES,
        CONFIGURATION,
        KEYS,
        CERTIFICATE,
        DIRECTORY,
        LINK,
        STORE,
        VERSIONS
    }

    /** How much a finding matters. */
    enum Grade {
        GOOD,
        /** Somebody should do something, not now. */
        SOON,
        /** Something does not work, or will not after the next start. */
        BAD
    }

    /**
     * One thing that was looked at.
     *
     * @param code its numbered error, where it is not good
     * @param about what was found, with figures
     */
    record Finding(Topic topic, Grade grade, Optional<ErrorCode> code, Detail about) {
        /** All is well. */
        public static Finding good(Topic topic, Detail about) {
            return new Finding(topic, Grade.GOOD, Optional.empty(), about);
        }

        /** Not now, but not never. */
        public static Finding soon(Topic topic, ErrorCode code, Detail about) {
            return new Finding(topic, Grade.SOON, Optional.of(code), about);
        }

        /** It does not work. */
        public static Finding bad(Topic topic, ErrorCode code, Detail about) {
            return new Finding(topic, Grade.BAD, Optional.of(code), about);
        }
    }

    /** How a node is. */
    enum Condition {
        GREEN,
        AMBER,
        RED
    }

    /** A product of the State cipher service: what it says of itself. */
    record Cipher(int suite, String product) {}

    /**
     * The node in figures; explained in gateway.proto and operator.proto.
     *
     * @param addresses on this node
     * @param notes why it is not green
     * @param listen host:port, empty when it only dials
     * @param counters by name since start
     * @param cipher the State cipher service's product that is installed
     */
    record Status(
            OrganisationId node,
            List<Address> addresses,
            Condition condition,
            List<Refusal> notes,
            String network,
            Hash networkFingerprint,
            DirectoryVersion directory,
            Instant directoryExpires,
            Instant startedAt,
            long queued,
            long waiting,
            List<Neighbour> neighbours,
            Optional<String> listen,
            List<String> dial,
            long diskFree,
            long diskTotal,
            Optional<Instant> certificatesEnd,
            Map<String, Long> counters,
            Optional<Cipher> cipher) {
        public Status {
            addresses = List.copyOf(addresses);
            notes = List.copyOf(notes);
            neighbours = List.copyOf(neighbours);
            dial = List.copyOf(dial);
            counters = Map.copyOf(counters);
        }
    }

    /** A neighbour: whether a link is up, since when it is so, and what is queued for it. */
    record Neighbour(OrganisationId node, boolean connected, Instant since, long queued, long queuedBytes) {}

    /**
     * Which part of the queue.
     *
     * @param neighbour a code, {@code local}, or empty for all
     */
    record QueueQuery(String neighbour, int size, String token) {}

    /** A page and how many there are in all. */
    record QueuePage(ListDoor.Page<QueueLine> page, long total) {}

    /**
     * One message on one branch.
     *
     * @param neighbour a code or {@code local}
     * @param reason why it is still here
     */
    record QueueLine(
            MessageId id,
            Address sender,
            List<Address> recipients,
            String neighbour,
            Precedence precedence,
            Instant since,
            long size,
            long sent,
            int attempts,
            Optional<Refusal> reason) {
        public QueueLine {
            recipients = List.copyOf(recipients);
        }
    }

    /** A directory in force; {@code isNew} false: this version was in force already. */
    record DirectoryFacts(
            DirectoryVersion version, boolean isNew, long organisations, Instant issued, Instant expires) {}

    /** The directory, the root of trust as 12 words and 40 digits, and offices in the order of codes. */
    record DirectoryPage(
            DirectoryFacts facts,
            String network,
            List<String> words,
            String digits,
            ListDoor.Page<DirectoryDoor.Office> page) {
        public DirectoryPage {
            words = List.copyOf(words);
        }
    }

    /** The file and the code that opens it, which is shown once and kept nowhere. */
    record ClientInvitation(Bytes file, String code, Instant expires) {}

    /** How many certificates were revoked, how many unused invitations made void. */
    record ClientRevocation(int certificates, int invitations) {}

    /** Events in order, the log's size and its RFC 9162 root. */
    record AuditPage(List<AuditEvent> events, long size, Hash root, Optional<Checkpoint> checkpoint) {
        public AuditPage {
            events = List.copyOf(events);
        }
    }

    /**
     * The log as the node signed it; docs/spec/audit.md.
     *
     * @param signer hash of the evidence certificate
     * @param text strict text, as signed
     * @param signature CMS over it, DER
     */
    record Checkpoint(long size, Hash root, Instant at, Hash signer, Bytes text, Bytes signature) {}

    /**
     * What a check of the whole log found.
     *
     * @param size entries read
     * @param root over them
     * @param checkpoints that agree
     * @param firstBad first entry that is wrong or missing, where one is
     * @param detail what is wrong; empty when nothing
     */
    record AuditCheck(long size, Hash root, int checkpoints, Optional<Long> firstBad, String detail) {}

    /** One event; {@code number} is 0 when it has no numbered reason. */
    record AuditEvent(
            long index, Instant at, String kind, String who, Optional<MessageId> message, int number, String detail) {}
}
