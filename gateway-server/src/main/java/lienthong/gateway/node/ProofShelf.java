package lienthong.gateway.node;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.delivery.ProofPort;
import lienthong.gateway.directory.DirectoryExtract;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.evidence.Kept;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Archive;
import lienthong.gateway.store.ArchiveKind;
import lienthong.gateway.store.ArchiveRecord;
import org.jspecify.annotations.Nullable;

/**
 * Certificates, revocation lists and extracts of the directory in the archive, each once however many messages need it: a piece stands under an id
 * made from its hash, and each envelope's evidence has one record that lists its pieces' hashes. Confined to the loop but for {@link #kept}.
 *
 * <pre>
 * list    0 ‖ hashes (32 bytes each)                   CERTIFICATES, under the envelope's first message
 * piece   1 ‖ certificate (DER), 2 ‖ list (DER)        CERTIFICATES, under the id of its SHA-256
 *         3 ‖ extract of one office and its node       DIRECTORY_EXTRACT, likewise
 * </pre>
 */
final class ProofShelf implements ProofPort {
    private static final int LIST = 0;
    private static final int CERTIFICATE = 1;
    private static final int REVOCATIONS = 2;
    private static final int EXTRACT = 3;
    private static final long LANE = 1L << 53;

    private final Loop loop;
    private final Supplier<DirectoryView> directory;
    private final Archive archive;
    private final OrganisationId me;
    private final KeyRing keys;

    /** Pieces that are in the archive for sure. */
    private final Set<Hash> shelved = new HashSet<>();
    /** Of the view below. */
    private final Map<Hash, List<Hash>> ofSigner = new HashMap<>();

    private final Map<OrganisationId, Hash> ofOffice = new HashMap<>();
    private @Nullable DirectoryView seen;

    /**
     * Makes an empty one; what the archive holds already is found when it is needed.
     *
     * @param directory in the loop
     * @param me this node: it signs its audit log's checkpoints
     */
    ProofShelf(Loop loop, Supplier<DirectoryView> directory, Archive archive, OrganisationId me, KeyRing keys) {
        this.loop = loop;
        this.directory = directory;
        this.archive = archive;
        this.me = me;
        this.keys = keys;
    }

    // ---- keeping

    /** What one envelope's evidence needs. */
    private record Needed(Set<Hash> signers, Set<OrganisationId> offices) {}

    private Needed neededBy(Signed signed) {
        Set<Hash> signers = new LinkedHashSet<>();
        Set<OrganisationId> offices = new LinkedHashSet<>();
        signers.add(signed.signer());
        signers.add(keys.evidenceKey().certificate().hash());
        offices.add(signed.sender().organisation());
        offices.add(me);
        for (Receipt receipt : signed.receipts()) {
            signers.add(receipt.signer());
            offices.add(receipt.recipient().organisation());
        }
        return new Needed(signers, offices);
    }

    @Override
    public void gather(List<Signed> signed, Consumer<List<ArchiveRecord>> then) {
        DirectoryView view = directory.get();
        if (view != seen) {
            seen = view;
            ofSigner.clear();
            ofOffice.clear();
        }
        Map<Signed, Needed> needs = new LinkedHashMap<>();
        Needed missing = new Needed(new LinkedHashSet<>(), new LinkedHashSet<>());
        for (Signed one : signed) {
            Needed needed = neededBy(one);
            needs.put(one, needed);
            needed.signers.stream().filter(hash -> !ofSigner.containsKey(hash)).forEach(missing.signers::add);
            needed.offices.stream()
                    .filter(office -> !ofOffice.containsKey(office))
                    .forEach(missing.offices::add);
        }
        if (missing.signers.isEmpty() && missing.offices.isEmpty()) {
            then.accept(lists(needs));
            return;
        }
        Set<Hash> known = Set.copyOf(shelved);
        loop.offload(LANE, () -> look(view, missing, known), found -> {
            if (view == seen) {
                ofSigner.putAll(found.ofSigner);
                ofOffice.putAll(found.ofOffice);
            }
            List<ArchiveRecord> records = new ArrayList<>(found.pieces);
            // What a newer directory has replaced meanwhile is listed by what was found in the older one.
            Map<Hash, List<Hash>> signers = new HashMap<>(ofSigner);
            Map<OrganisationId, Hash> offices = new HashMap<>(ofOffice);
            signers.putAll(found.ofSigner);
            offices.putAll(found.ofOffice);
            needs.forEach((one, needed) -> records.add(list(one, needed, signers, offices)));
            shelved.addAll(found.present);
            then.accept(records);
        });
    }

    private List<ArchiveRecord> lists(Map<Signed, Needed> needs) {
        List<ArchiveRecord> records = new ArrayList<>();
        needs.forEach((one, needed) -> records.add(list(one, needed, ofSigner, ofOffice)));
        return records;
    }

    private static ArchiveRecord list(
            Signed one, Needed needed, Map<Hash, List<Hash>> signers, Map<OrganisationId, Hash> offices) {
        Set<Hash> hashes = new LinkedHashSet<>();
        needed.signers.forEach(signer -> hashes.addAll(signers.getOrDefault(signer, List.of())));
        needed.offices.forEach(
                office -> Optional.ofNullable(offices.get(office)).ifPresent(hashes::add));
        ByteBuffer value = ByteBuffer.allocate(1 + hashes.size() * Hash.SIZE_BYTES);
        value.put((byte) LIST);
        hashes.forEach(hash -> value.put(hash.bytes().asBuffer()));
        return new ArchiveRecord(
                one.time(), one.envelope(), "", ArchiveKind.CERTIFICATES, Bytes.ofOwned(value.array()));
    }

    /** What was found outside the loop: where each need is met, and the pieces that the archive does not have. */
    private record Found(
            Map<Hash, List<Hash>> ofSigner,
            Map<OrganisationId, Hash> ofOffice,
            Set<Hash> present,
            List<ArchiveRecord> pieces) {}

    private Found look(DirectoryView view, Needed missing, Set<Hash> known) {
        Found found = new Found(new HashMap<>(), new HashMap<>(), new HashSet<>(), new ArrayList<>());
        for (Hash signer : missing.signers) {
            List<Hash> pieces = new ArrayList<>();
            view.chainOf(signer).ifPresent(chain -> {
                pieces.add(shelve(CERTIFICATE, chain.get(0).der(), known, found));
                view.revocationListOf(chain.get(1).hash())
                        .ifPresent(list -> pieces.add(shelve(REVOCATIONS, list.der(), known, found)));
            });
            found.ofSigner.put(signer, pieces);
        }
        for (OrganisationId office : missing.offices) {
            DirectoryExtract extract = DirectoryExtract.of(view.directory(), List.of(office));
            found.ofOffice.put(office, shelve(EXTRACT, extract.toBytes(), known, found));
        }
        return found;
    }

    private Hash shelve(int form, Bytes content, Set<Hash> known, Found found) {
        Bytes piece = Bytes.ofOwned(ByteBuffer.allocate(1 + content.size())
                .put((byte) form)
                .put(content.asBuffer())
                .array());
        Hash hash = Hash.of(piece);
        boolean there = known.contains(hash)
                || found.present.contains(hash)
                || archive.find(idOf(hash)).stream()
                        .anyMatch(record -> record.value().equals(piece));
        if (there) {
            found.present.add(hash);
        } else if (found.pieces.stream().noneMatch(record -> record.value().equals(piece))) {
            found.pieces.add(new ArchiveRecord(
                    Instant.EPOCH,
                    idOf(hash),
                    "",
                    form == EXTRACT ? ArchiveKind.DIRECTORY_EXTRACT : ArchiveKind.CERTIFICATES,
                    piece));
        }
        return hash;
    }

    /** The form of a message's id, in which no message is minted: its time would be thousands of years away or its bits a coincidence of 122. */
    private static MessageId idOf(Hash piece) {
        ByteBuffer bytes = piece.bytes().asBuffer();
        return new MessageId(
                bytes.getLong(0) & ~0xF000L | 0x7000L, bytes.getLong(8) & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L);
    }

    // ---- giving

    /**
     * What the lists of one envelope's evidence name. Reads the archive: outside the loop.
     *
     * @param lists values of its CERTIFICATES records
     */
    Kept kept(List<Bytes> lists) {
        Set<Hash> hashes = new LinkedHashSet<>();
        for (Bytes list : lists) {
            for (int at = 1; list.get(0) == LIST && at + Hash.SIZE_BYTES <= list.size(); at += Hash.SIZE_BYTES) {
                hashes.add(new Hash(list.slice(at, Hash.SIZE_BYTES)));
            }
        }
        List<Certificate> certificates = new ArrayList<>();
        List<RevocationList> revocations = new ArrayList<>();
        Map<Bytes, List<DirectoryExtract>> byHead = new LinkedHashMap<>();
        for (Hash hash : hashes) {
            archive.find(idOf(hash)).stream()
                    .map(ArchiveRecord::value)
                    .filter(piece -> Hash.of(piece).equals(hash))
                    .findFirst()
                    .ifPresent(piece -> {
                        Bytes content = piece.slice(1, piece.size() - 1);
                        switch (piece.get(0)) {
                            case CERTIFICATE -> add(Certificate.parse(content), certificates);
                            case REVOCATIONS -> add(RevocationList.parse(content), revocations);
                            default -> {
                                List<DirectoryExtract> one = new ArrayList<>();
                                add(DirectoryExtract.parse(content), one);
                                one.forEach(extract -> byHead.computeIfAbsent(extract.head(), none -> new ArrayList<>())
                                        .add(extract));
                            }
                        }
                    });
        }
        return new Kept(
                certificates,
                revocations,
                byHead.values().stream().map(DirectoryExtract::merged).toList());
    }

    private static <T> void add(Result<T> parsed, List<T> all) {
        if (parsed instanceof Result.Ok<T> ok) {
            all.add(ok.value());
        }
    }
}
