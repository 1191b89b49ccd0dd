package lienthong.gateway.store;

import java.util.Optional;

/** What an archived record is. Numbers stand in the archive's files and are never reused. */
public enum ArchiveKind {
    /** What relays saw and the sender signed. */
    CORE(1),
    /** The statement whose hash is the leaf under the seal. */
    STATEMENT(2),
    /** Root text, signature and path of the seal. */
    SEAL(3),
    /** One signed receipt. */
    RECEIPT(4),
    /** The manifest, enciphered to the owner. */
    MANIFEST(5),
    /** Certificates and revocation list of then. */
    CERTIFICATES(6),
    /** The line that settled the message: ends of all recipients. */
    SETTLED(7),
    /** A signed notice about the message: skip, return without receipt. */
    NOTICE(8),
    /** Extract of the directory with its signatures. */
    DIRECTORY_EXTRACT(9),
    /** Where the envelope stands in its sender's sequences: numbers and hashes of previous cores. */
    SEQUENCE(10);

    private final int number;

    ArchiveKind(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<ArchiveKind> ofNumber(int number) {
        for (ArchiveKind kind : values()) {
            if (kind.number == number) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
