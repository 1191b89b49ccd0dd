package lienthong.gateway.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.envelope.Manifest;
import lienthong.gateway.envelope.OpenedEnvelope;
import lienthong.gateway.envelope.PartReader;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SequenceText;
import lienthong.gateway.message.Service;

/**
 * A message lent to the application. It was opened here and every check was passed before the handler saw it. The application ends the loan with
 * exactly one of {@link #acknowledge}, {@link #giveBack} and {@link #giveBackLater}, from any thread, at most an hour later; a message without
 * such an end comes again, marked redelivered.
 */
public final class Received {
    private static final int COPY_BYTES = 64 * 1024;

    private final Loan loan;
    private final OpenedEnvelope opened;
    private final Manifest manifest;

    Received(Loan loan, OpenedEnvelope opened) {
        this.loan = loan;
        this.opened = opened;
        this.manifest = opened.manifests().get(loan.position);
    }

    /** Names the message. */
    public MessageId id() {
        return manifest.id();
    }

    /** What relays saw too: sender, recipients, precedence, times. */
    public Header header() {
        return opened.envelope().facts().header();
    }

    /** Whose seal it carries. */
    public Address sender() {
        return header().sender();
    }

    public Service service() {
        return manifest.service();
    }

    public Optional<String> subject() {
        return manifest.subject();
    }

    /** Media type of the whole. */
    public Optional<String> contentType() {
        return manifest.contentType();
    }

    /** The sender's own. */
    public Optional<String> correlation() {
        return manifest.correlation();
    }

    /** The ordering key, where the sender asked for order. */
    public Optional<String> ordering() {
        return manifest.ordering();
    }

    /** In the sender's order. */
    public List<ReceivedPart> parts() {
        List<ReceivedPart> parts = new ArrayList<>();
        for (int i = 0; i < manifest.parts().size(); i++) {
            parts.add(new ReceivedPart(i, manifest.parts().get(i)));
        }
        return parts;
    }

    /**
     * Where its envelope stands in its sender's sequence to this address, as the slot says: the number of its first message, and the hash of the core
     * before. In the form in which nodes write it down beside evidence (docs/spec/evidence.md §1.2), which the application may keep.
     */
    public SequenceText sequence() {
        return new SequenceText(
                header().network(),
                loan.arrived.core,
                List.of(new SequenceText.Place(
                        loan.desk.address(), loan.incarnation, loan.number - loan.position, loan.previousCore)));
    }

    /** How often it is handed over, this time included. */
    public long deliveries() {
        return loan.deliveries;
    }

    /** Whether the application may have seen it before: after a crash this may be true of one it has not seen, never false of one it has. */
    public boolean isRedelivered() {
        return loan.redelivered;
    }

    /**
     * The application has the message for good. When this returns empty, that is durable in the state folder: the message never comes again, and
     * the signed {@code consumed} goes to the node, now or when it is reached. Waits for one sync of the disk, not for the network.
     *
     * @return {@code LEASE_NOT_HELD} when the loan was over before; {@code FSYNC_FAILED} when the disk is dead: then it may come again
     */
    public Optional<Refusal> acknowledge() {
        return loan.desk.end(loan, false, "");
    }

    /**
     * The application does not want the message: its sender gets a signed {@code returned}. Durable as {@link #acknowledge}.
     *
     * @param reason for this machine's node to show; at most 200 characters, never content
     */
    public Optional<Refusal> giveBack(String reason) {
        return loan.desk.end(loan, true, reason);
    }

    /** Not now: it comes again, a few times; after that the node sets it aside and shows it. */
    public Optional<Refusal> giveBackLater() {
        return loan.desk.later(loan);
    }

    @Override
    public String toString() {
        return "Received(" + id() + " from " + sender() + ")";
    }

    /** One part of a received message. */
    public final class ReceivedPart {
        /** What {@link #bytes} takes. */
        public static final int BYTES_MAX = 16 * 1024 * 1024;

        private final int index;
        private final Manifest.Part part;

        private ReceivedPart(int index, Manifest.Part part) {
            this.index = index;
            this.part = part;
        }

        /** One clean line without a slash; chosen by the sender, so never a path of one's own. */
        public String name() {
            return part.name();
        }

        /** Media type, as the sender says. */
        public String type() {
            return part.type();
        }

        /** Bytes. */
        public long length() {
            return part.length();
        }

        /** SHA-256; the content was checked against it. */
        public Hash sha256() {
            return part.hash();
        }

        /**
         * The content in memory.
         *
         * @throws IOException when the ciphertext in the state folder cannot be read
         * @throws lienthong.gateway.message.Bug for a part above {@link #BYTES_MAX}: ask {@link #length}, and use {@link #saveTo}
         */
        public Bytes bytes() throws IOException {
            Invariant.check(part.length() <= BYTES_MAX, "a part of %d bytes in memory", part.length());
            ByteArrayOutputStream content = new ByteArrayOutputStream((int) part.length());
            writeTo(content);
            return Bytes.ofOwned(content.toByteArray());
        }

        /** The content as a stream, of any length; {@code out} is not closed. */
        public void writeTo(OutputStream out) throws IOException {
            try (PartReader reader = opened.parts(loan.position)) {
                while (reader.next()) {
                    if (reader.index() == index) {
                        byte[] buffer = new byte[COPY_BYTES];
                        for (int got; (got = reader.read(buffer, 0, buffer.length)) >= 0; ) {
                            out.write(buffer, 0, got);
                        }
                        return;
                    }
                }
            }
        }

        /**
         * Writes the content to a file that is not there yet: whole and durable, or not at all.
         *
         * @return {@code OUTPUT_EXISTS}
         */
        public Optional<Refusal> saveTo(Path file) throws IOException {
            return PlainFiles.save(file, this::writeTo);
        }
    }
}
