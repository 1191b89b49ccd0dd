package lienthong.gateway.link;

import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/** What two nodes say about directories; bytes are the directory room's own forms, unchecked here but for size. */
public sealed interface DirectoryMessage {
    /** Records or hashes in one message. */
    int ITEMS_MAX = 1_024;
    /** One self-certifying record. */
    int RECORD_BYTES_MAX = 64 * 1024;

    /** "Send me your signed directory": a delta since {@code since} if you can, else whole. 0: whole. */
    record WantDirectory(long since) implements DirectoryMessage {}

    /** "Send me the hashes of all your records." */
    record WantHashes() implements DirectoryMessage {}

    /** "Send me these records." At most {@link #ITEMS_MAX}. */
    record WantRecords(List<Hash> hashes) implements DirectoryMessage {
        public WantRecords {
            hashes = List.copyOf(hashes);
        }
    }

    /** A whole signed directory; of up to 64 MiB, cut into frames and put together again by the session. Only sent when asked for. */
    record Whole(Bytes signedDirectory) implements DirectoryMessage {}

    /** What changed since a version; cut and put together likewise. Only sent when asked for. */
    record Delta(Bytes delta) implements DirectoryMessage {}

    /** Hashes of records held here; {@code last} when no more follow. At most {@link #ITEMS_MAX} in one. */
    record Hashes(List<Hash> hashes, boolean last) implements DirectoryMessage {
        public Hashes {
            hashes = List.copyOf(hashes);
        }
    }

    /** Records: asked for, or new here. The session cuts a long list into frames. */
    record Records(List<Bytes> records) implements DirectoryMessage {
        public Records {
            records = List.copyOf(records);
        }
    }
}
