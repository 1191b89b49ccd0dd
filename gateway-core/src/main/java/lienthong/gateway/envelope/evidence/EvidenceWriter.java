package lienthong.gateway.envelope.evidence;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.directory.DirectoryExtract;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.ManifestCodec;
import lienthong.gateway.envelope.ReceiptCodec;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SignedReceipt;

/**
 * Writes evidence for one message as a zip: everything a stranger needs beside openssl and the network's fingerprint. The same source gives the
 * same bytes. Stateless, thread-safe; looks at certificates, reads parts and writes, so never on the loop.
 */
public final class EvidenceWriter {
    private EvidenceWriter() {}

    /**
     * Writes the zip and closes the source's parts. All that can be missing is known before the first byte is written.
     *
     * @param zip left open
     * @return the number of files, or as {@link #pieces}
     * @throws IOException from the stream or from the parts' source
     */
    public static Result<Integer> write(OutputStream zip, EvidenceSource source) throws IOException {
        Result<EvidencePieces> made = pieces(source);
        if (!(made instanceof Result.Ok<EvidencePieces> ok)) {
            return Result.no(made.refusal());
        }
        try (EvidencePieces pieces = ok.value()) {
            for (Optional<Bytes> piece = pieces.next(); piece.isPresent(); piece = pieces.next()) {
                zip.write(piece.get().toArray());
            }
            return Result.ok(pieces.files());
        }
    }

    /**
     * The zip, to be taken a piece at a time. All that can be missing is known before the first.
     *
     * @return the pieces, which close the source's parts; {@code EVIDENCE_INVALID} naming what is missing (a signer's certificate, its office's
     *     revocation list of a time that fits) or does not belong together, and the parts are left open
     */
    public static Result<EvidencePieces> pieces(EvidenceSource source) {
        Map<String, Bytes> files = new LinkedHashMap<>();
        Optional<Refusal> fault = collect(files, source);
        return fault.isPresent() ? Result.no(fault.get()) : Result.ok(new EvidencePieces(files, source.parts()));
    }

    /**
     * One signature to be proven.
     *
     * @param signer the certificate that signed
     * @param recipient whose node must be the signer's, where a node speaks for an address
     */
    private record Signed(
            String folder,
            Bytes rootText,
            Bytes cms,
            long index,
            long size,
            List<Hash> path,
            Certificate signer,
            Instant claimed,
            Optional<OrganisationId> recipient) {
        /** Of our certificates' subjects the second unit is the office. */
        OrganisationId office() {
            return OrganisationId.parse(signer.organisationalUnits().get(1)).orBug();
        }
    }

    /** Finds a signer's certificate, or says that it is not known. */
    private static Result<Certificate> certificate(Hash hash, EvidenceSource source) {
        Optional<Certificate> known = source.directory()
                .certificate(hash)
                .or(() -> source.kept().certificates().stream()
                        .filter(kept -> kept.hash().equals(hash))
                        .findFirst());
        return known.isPresent() && known.get().organisationalUnits().size() == 2
                ? Result.ok(known.get())
                : Result.no(ErrorCode.EVIDENCE_INVALID, "certificate {0} is not known here", hash.hex());
    }

    private static Result<Signed> signed(
            EvidenceSource source,
            String folder,
            Seal seal,
            Hash signer,
            Instant claimed,
            Optional<OrganisationId> recipient) {
        return certificate(signer, source)
                .map(known -> new Signed(
                        folder,
                        seal.rootText(),
                        seal.cms(),
                        seal.index(),
                        seal.size(),
                        seal.path(),
                        known,
                        claimed,
                        recipient.filter(any -> known.commonName()
                                .filter(name -> name.startsWith("node "))
                                .isPresent())));
    }

    /** The lines about the envelope; one that names a sequence is worth nothing to a reader without it. */
    private static List<AuditProof> shown(EvidenceSource source) {
        return source.audit().stream()
                .filter(proof -> AuditProof.sequenceNamedBy(proof.entry())
                        .map(hash -> sequence(source, hash).isPresent())
                        .orElse(true))
                .toList();
    }

    private static Optional<Bytes> sequence(EvidenceSource source, Hash hash) {
        return source.sequences().stream()
                .filter(text -> Hash.of(text).equals(hash))
                .findFirst();
    }

    private static Optional<Refusal> collect(Map<String, Bytes> files, EvidenceSource source) {
        Hash network = source.directory().network();
        Result<Header> core = CoreCodec.decode(source.core(), network);
        if (!(core instanceof Result.Ok<Header> ok)) {
            return Optional.of(core.refusal());
        }
        Header header = ok.value();
        int position = header.ids().indexOf(source.id());
        if (position < 0
                || source.parts().isPresent() && source.manifest().isEmpty()
                || source.receipts().size() > Contents.RECEIPTS_MAX
                || source.audit().size() > Contents.AUDIT_MAX) {
            return invalid("message, core, manifest and parts do not belong together");
        }
        files.put(Names.VERIFY_TEXT, Names.resource(Names.VERIFY_TEXT));
        files.put(Names.VERIFY_SCRIPT, Names.resource(Names.VERIFY_SCRIPT));
        files.put(
                Contents.FILE,
                new Contents(
                                network,
                                source.id(),
                                position,
                                source.receipts().size(),
                                shown(source).size())
                        .encode());
        files.put(Names.CORE, source.core());
        files.put(Names.STATEMENT, source.statement());
        if (source.manifest().isPresent()) {
            if (!ManifestCodec.decode(source.manifest().get(), network).isOk()) {
                return invalid("the manifest is none");
            }
            files.put(Names.MANIFEST, source.manifest().get());
        }
        List<Signed> signatures = new ArrayList<>();
        Set<OrganisationId> offices = new LinkedHashSet<>();
        Optional<Refusal> fault = signatures(files, source, header, signatures, offices);
        if (fault.isPresent()) {
            return fault;
        }
        signatures.forEach(signature -> offices.add(signature.office()));
        Optional<Ground> ground = ground(source, offices, signatures, network);
        return ground.isPresent()
                ? proven(files, source, signatures, ground.get())
                : invalid("no directory known here, of now or of then, lists the CAs of all signers");
    }

    /** The texts that somebody signed, and by whom. */
    private static Optional<Refusal> signatures(
            Map<String, Bytes> files,
            EvidenceSource source,
            Header header,
            List<Signed> signatures,
            Set<OrganisationId> offices) {
        offices.add(header.sender().organisation());
        List<Result<Signed>> found = new ArrayList<>();
        found.add(signed(source, Names.MESSAGE, source.seal(), header.signer(), header.created(), Optional.empty()));
        for (int i = 0; i < source.receipts().size(); i++) {
            SignedReceipt signed = source.receipts().get(i);
            Result<Receipt> receipt = ReceiptCodec.decode(signed.text(), header.network());
            if (!(receipt instanceof Result.Ok<Receipt> said)) {
                return Optional.of(receipt.refusal());
            }
            OrganisationId recipient = said.value().recipient().organisation();
            files.put(Names.receipt(i + 1) + "/receipt.txt", signed.text());
            offices.add(recipient);
            found.add(signed(
                    source,
                    Names.receipt(i + 1),
                    signed.seal(),
                    said.value().signer(),
                    said.value().time(),
                    Optional.of(recipient)));
        }
        List<AuditProof> audit = shown(source);
        for (int i = 0; i < audit.size(); i++) {
            AuditProof proof = audit.get(i);
            Result<CheckpointText> checkpoint = CheckpointText.decode(proof.checkpoint(), header.network());
            if (!(checkpoint instanceof Result.Ok<CheckpointText> said)) {
                return Optional.of(checkpoint.refusal());
            }
            files.put(Names.audit(i + 1) + "/entry.txt", proof.entry());
            String sequence = Names.sequence(i + 1);
            AuditProof.sequenceNamedBy(proof.entry())
                    .flatMap(hash -> sequence(source, hash))
                    .ifPresent(text -> files.put(sequence, text));
            String folder = Names.audit(i + 1);
            found.add(certificate(said.value().signer(), source)
                    .map(known -> new Signed(
                            folder,
                            proof.checkpoint(),
                            proof.cms(),
                            proof.index(),
                            said.value().size(),
                            proof.path(),
                            known,
                            said.value().at(),
                            Optional.empty())));
        }
        for (Result<Signed> one : found) {
            if (!(one instanceof Result.Ok<Signed> good)) {
                return Optional.of(one.refusal());
            }
            signatures.add(good.value());
        }
        return Optional.empty();
    }

    /** A directory that proves all signers, and each one's CA in it. */
    private record Ground(DirectoryExtract extract, int entries, Map<Hash, Certificate> caOf) {}

    /** Today's directory if it can, for it knows of revocations since; else the one of then. */
    private static Optional<Ground> ground(
            EvidenceSource source, Set<OrganisationId> offices, List<Signed> signatures, Hash network) {
        return ground(DirectoryExtract.of(source.directory().directory(), offices), signatures, network)
                .or(() -> source.kept().extracts().stream()
                        .flatMap(then -> ground(then, signatures, network).stream())
                        .findFirst());
    }

    private static Optional<Ground> ground(DirectoryExtract extract, List<Signed> signatures, Hash network) {
        if (!(extract.verify(network) instanceof Result.Ok<DirectoryExtract.Verified> verified)) {
            return Optional.empty();
        }
        DirectoryExtract.Verified book = verified.value();
        Map<Hash, Certificate> cas = new LinkedHashMap<>();
        for (Bytes der : extract.certificates()) {
            Certificate ca = Certificate.parse(der).orBug();
            cas.put(ca.hash(), ca);
        }
        Map<Hash, Certificate> caOf = new LinkedHashMap<>();
        for (Signed signed : signatures) {
            Optional<OrganisationEntry> office = book.organisation(signed.office());
            Optional<Certificate> ca = office.stream()
                    .flatMap(entry -> Stream.concat(entry.ca().stream(), entry.formerCas().stream()))
                    .flatMap(hash -> Optional.ofNullable(cas.get(hash)).stream())
                    .filter(signed.signer()::isSignedBy)
                    .findFirst();
            boolean speaks = signed.recipient().isEmpty()
                    || book.organisation(signed.recipient().get())
                            .filter(entry -> entry.node().equals(signed.office()))
                            .isPresent();
            if (ca.isEmpty() || !speaks) {
                return Optional.empty();
            }
            caOf.put(signed.signer().hash(), ca.get());
        }
        return Optional.of(new Ground(extract, book.head().entries(), caOf));
    }

    private static Optional<Refusal> proven(
            Map<String, Bytes> files, EvidenceSource source, List<Signed> signatures, Ground ground) {
        Hash network = source.directory().network();
        Map<Hash, Set<RevocationList>> lists = new LinkedHashMap<>();
        for (Signed signed : signatures) {
            Certificate ca =
                    Objects.requireNonNull(ground.caOf.get(signed.signer().hash()));
            Optional<Judged> judged = judged(signed, ca, source);
            if (judged.isEmpty()) {
                return invalid(
                        "certificate {0} and the lists known here of {1} share no time",
                        signed.signer().hash().hex(), ca.subject());
            }
            files.put(signed.folder() + "/root.txt", signed.rootText());
            files.put(signed.folder() + "/seal.der", signed.cms());
            files.put(
                    signed.folder() + "/place.txt",
                    new Place(
                                    network,
                                    signed.index(),
                                    signed.size(),
                                    signed.path(),
                                    Optional.of(judged.get().at()))
                            .encode());
            files.put(
                    Names.signer(signed.signer().hash()),
                    Bytes.utf8(signed.signer().pem()));
            lists.computeIfAbsent(ca.hash(), none -> new LinkedHashSet<>())
                    .add(judged.get().list());
        }
        if (source.seal().pqCms().isPresent()) {
            Bytes second = source.seal().pqCms().get();
            files.put(Names.SECOND_SEAL, second);
            Result<Certificate> signer = CmsVerifier.claimedSigner(second)
                    .map(hash -> certificate(hash, source))
                    .orElseGet(() -> Result.no(ErrorCode.EVIDENCE_INVALID, "the second seal names no signer"));
            if (!(signer instanceof Result.Ok<Certificate> known)) {
                return Optional.of(signer.refusal());
            }
            files.put(
                    Names.signer(known.value().hash()), Bytes.utf8(known.value().pem()));
        }
        lists.forEach((ca, some) -> {
            int number = 1;
            for (RevocationList list : some) {
                files.put(Names.crl(ca, number++), Bytes.utf8(list.pem()));
            }
        });
        directory(files, ground, network);
        return Optional.empty();
    }

    private record Judged(RevocationList list, Instant at) {}

    /**
     * The moment nearest to the claimed one at which certificate, CA and a revocation list were all in force, in whole seconds: by today's list if
     * it can be, for it knows of revocations since.
     */
    private static Optional<Judged> judged(Signed signed, Certificate ca, EvidenceSource source) {
        Certificate leaf = signed.signer();
        return Stream.concat(
                        source.directory().revocationListOf(ca.hash()).stream(),
                        source.kept().lists().stream().filter(list -> list.isSignedBy(ca)))
                .flatMap(list -> {
                    Instant from = latest(latest(leaf.notBefore(), ca.notBefore()), list.thisUpdate());
                    Instant until = earliest(earliest(leaf.notAfter(), ca.notAfter()), list.nextUpdate());
                    Instant at = latest(from, earliest(signed.claimed().truncatedTo(ChronoUnit.SECONDS), until));
                    return at.isAfter(until) ? Stream.<Judged>empty() : Stream.of(new Judged(list, at));
                })
                .findFirst();
    }

    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Instant earliest(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static void directory(Map<String, Bytes> files, Ground ground, Hash network) {
        DirectoryExtract extract = ground.extract;
        files.put(Names.DIRECTORY_ROOT, extract.root());
        files.put(Names.DIRECTORY_HEAD, extract.head());
        files.put(Names.DIRECTORY_P384, extract.signatures().ecdsa());
        files.put(Names.DIRECTORY_MLDSA, extract.signatures().mlDsa());
        files.put(
                Names.DIRECTORY_CRL,
                Bytes.utf8(RevocationList.parse(extract.rootCrl()).orBug().pem()));
        List<DirectoryExtract.Item> items = new ArrayList<>(extract.items());
        for (int i = 0; i < items.size(); i++) {
            DirectoryExtract.Item item = items.get(i);
            files.put(Names.entry(i + 1), item.text());
            files.put(
                    Names.entryPlace(i + 1),
                    new Place(network, item.index(), ground.entries, item.path(), Optional.empty()).encode());
        }
        for (int i = 0; i < extract.certificates().size(); i++) {
            files.put(
                    Names.ca(i + 1),
                    Bytes.utf8(Certificate.parse(extract.certificates().get(i))
                            .orBug()
                            .pem()));
        }
    }

    private static Optional<Refusal> invalid(@CompileTimeConstant String what, Object... arguments) {
        return Optional.of(Refusal.of(ErrorCode.EVIDENCE_INVALID, Detail.of(what, arguments)));
    }
}
