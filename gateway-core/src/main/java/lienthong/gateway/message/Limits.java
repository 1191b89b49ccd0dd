package lienthong.gateway.message;

/** Every limit of the gateway, in one place; {@code LimitsTest} proves the relations between them. */
public final class Limits {
    private Limits() {}

    // ---- names
    /** Organisation code: QĐ 20/2020 form has at most 35 characters. */
    public static final int ORGANISATION_ID_CHARS_MAX = 35;
    /** Client id chosen by an application. */
    public static final int CLIENT_ID_CHARS_MAX = 64;
    /** Subject of a message, UTF-16 characters: three lines of an official letter's abstract fit. */
    public static final int SUBJECT_CHARS_MAX = 500;
    /** Name of a part: 255 bytes are what file systems keep. */
    public static final int PART_NAME_BYTES_MAX = 255;
    /** Media type of a part (RFC 6838 §4.2: 127 + 1 + 127). */
    public static final int CONTENT_TYPE_CHARS_MAX = 255;
    /** Correlation id: free for the application. */
    public static final int CORRELATION_ID_CHARS_MAX = 64;
    /** Ordering key: free for the application. */
    public static final int ORDERING_KEY_CHARS_MAX = 64;

    // ---- one message
    /** Recipients of one message, by name. */
    public static final int RECIPIENTS_MAX = 1_000;
    /** Core: a thousand recipients of 68 characters and a line each fit. */
    public static final int HEADER_BYTES_MAX = 96 * 1024;
    /** Manifest of one message: 256 parts with the longest names and types. */
    public static final int MANIFEST_BYTES_MAX = 160 * 1024;
    /** Parts of one message. */
    public static final int PARTS_MAX = 256;
    /** 60 days: longer than any outage a province has seen, shorter than what epoch keys must be kept for. */
    public static final long LIFETIME_SECONDS_MAX = 60L * 24 * 3600;
    /** One message's parts together: 1 TiB, above it a disk is carried by hand. */
    public static final long PAYLOAD_BYTES_MAX = 1L << 40;
    /** Plaintext of a part is at most this many times its compressed bytes: text compresses up to 300 times, a bomb without bound. */
    public static final int EXPANSION_FACTOR_MAX = 1_000;

    // ---- bundles and trees
    /** Messages in one envelope. */
    public static final int BUNDLE_MESSAGES_MAX = 64;
    /** Payload of a bundle of more than one message. */
    public static final int BUNDLE_BYTES_MAX = 256 * 1024;
    /** Leaves under one seal or receipt signature. */
    public static final int TREE_LEAVES_MAX = 1_024;
    /** Uses of one HPKE context before a fresh encapsulation. */
    public static final int HPKE_CONTEXT_USES_MAX = 1_024;
    /** Life of one HPKE context. */
    public static final int HPKE_CONTEXT_SECONDS_MAX = 60;

    // ---- sealed parts
    /** Blocks of the ciphertext tree: a resumed transfer checks only what is new. */
    public static final int CIPHERTEXT_BLOCK_BYTES = 1024 * 1024;
    /** Plaintext of one chunk of the content encryption (C2SP chunked-encryption v1). */
    public static final int CHUNK_BYTES = 16 * 1024;
    /** Statement: one slot line for each recipient and the sender, one manifest line for each message. */
    public static final int STATEMENT_BYTES_MAX = 96 * 1024;
    /** One slot: key id, enc (1,120 bytes in suite 1, 1,568 in suite 3), random, wrap. */
    public static final int SLOT_BYTES_MAX = 2 * 1024;
    /** A CMS signature with one certificate. */
    public static final int CMS_BYTES_MAX = 32 * 1024;
    /** Root text. */
    public static final int ROOT_TEXT_BYTES_MAX = 512;
    /** One receipt's text. */
    public static final int RECEIPT_BYTES_MAX = 2 * 1024;
    /** A ciphertext that stands in its envelope: a bundle, its manifests and padding. A larger one is spooled to a file of its own. */
    public static final int INLINE_CIPHERTEXT_BYTES_MAX = BUNDLE_BYTES_MAX + 64 * 1024;

    // ---- link
    /** A frame, without its 4-byte length: small enough that an urgent message overtakes at any speed above 1 Mbit/s. */
    public static final int FRAME_BYTES_MAX = 256 * 1024;
    /** Smallest data frame on the slowest line. */
    public static final int DATA_FRAME_BYTES_MIN = 4 * 1024;
    /** What a frame adds around the largest field it carries. */
    public static final int FRAME_OVERHEAD_BYTES = 8 * 1024;
    /** Transfers open at once on one link and direction. */
    public static final int OPEN_TRANSFERS_MAX = 64;
    /** Slots of one envelope on one link. */
    public static final int SLOTS_BYTES_MAX = 2 * 1024 * 1024;
    /** A link's handshake. */
    public static final int HANDSHAKE_SECONDS_MAX = 10;
    /** At least this much must move in {@link #PROGRESS_SECONDS_MAX} while something is due. */
    public static final int PROGRESS_BYTES_MIN = 1_024;

    public static final int PROGRESS_SECONDS_MAX = 30;
    /** Link sessions a hub keeps open. */
    public static final int SESSIONS_MAX = 400;
    /** Reconnect back-off. */
    public static final int RECONNECT_SECONDS_MAX = 300;

    // ---- store
    /** A log segment. */
    public static final int SEGMENT_BYTES = 64 * 1024 * 1024;
    /** A record: the largest whole message with its core, slots and seal fits. */
    public static final int RECORD_BYTES_MAX = 4 * 1024 * 1024;
    /** What is kept free whatever happens, for receipts and an orderly stop. */
    public static final long DISK_RESERVE_BYTES = 64L * 1024 * 1024;

    // ---- directory
    /** One entry of the directory: an office with 64 aliases, 256 mailboxes and its successors fits. */
    public static final int DIRECTORY_ENTRY_BYTES_MAX = 32 * 1024;
    /** Entries of one directory: the national lists hold 123,000 offices, each with an organisation and a node entry. */
    public static final int DIRECTORY_ENTRIES_MAX = 300_000;
    /** Head of a directory, root text of a network, freshness statement, revocation and so on. */
    public static final int DIRECTORY_TEXT_BYTES_MAX = 8 * 1024;
    /** One self-certifying record: a key bundle of eight keys of 1,216 bytes, eight of 65 and eight of 2,048 in hexadecimal fits. */
    public static final int DIRECTORY_RECORD_BYTES_MAX = 64 * 1024;
    /** A certificate, DER. */
    public static final int CERTIFICATE_BYTES_MAX = 16 * 1024;
    /** A revocation list, DER: 100,000 entries of 40 bytes. */
    public static final int CRL_BYTES_MAX = 4 * 1024 * 1024;
    /** Epoch keys in one bundle: eight weeks of three suites. */
    public static final int BUNDLE_KEYS_MAX = 24;
    /** A public key of the State cipher service's suites, whose form only the product knows. */
    public static final int CIPHER_KEY_BYTES_MAX = 2 * 1024;
    /** Other codes of one office. */
    public static final int ALIASES_MAX = 64;
    /** Mailboxes of one office that the directory lists. */
    public static final int MAILBOXES_MAX = 256;
    /** Name of an office, its tier label, or a network, in UTF-16 characters. */
    public static final int NAME_CHARS_MAX = 200;
    /** Certificates and re-joins of one office that others keep: 256 mailboxes with a renewal a year each, for a while. */
    public static final int OFFICE_RECORDS_MAX = 4_096;
    /** Records of one neighbour that came before the certificate they stand on, noted by hash to be asked for again in this session. */
    public static final int EARLY_RECORDS_MAX = 16_384;
    /** Places to dial in an invitation. */
    public static final int DIAL_ADDRESSES_MAX = 8;
    /** Nodes between two offices at most: deeper trees are refused as cycles. */
    public static final int TREE_DEPTH_MAX = 16;

    // ---- doors
    /** Messages of one sender accepted and not yet on disk. */
    public static final int ACCEPT_WINDOW = 4_096;
    /** Items in one API message. */
    public static final int API_ITEMS_MAX = 1_024;
    /** One API message: gRPC's own default. */
    public static final int API_MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
    /** A payload chunk in one API item. */
    public static final int API_CHUNK_BYTES_MAX = 1024 * 1024;
    /** Signed directory, and each of the files beside it. */
    public static final int DIRECTORY_BYTES_MAX = 64 * 1024 * 1024;
    /** Invitation file. */
    public static final int INVITATION_BYTES_MAX = 65 * 1024 * 1024;

    // ---- time
    /** How long the origin waits beyond a lifetime for receipts before it states an end itself. */
    public static final long RETURN_GRACE_SECONDS = 14L * 24 * 3600;
    /** How long ids are remembered where numbers cannot be read, beyond the lifetime. */
    public static final long SEEN_GRACE_SECONDS = 30L * 24 * 3600;
}
