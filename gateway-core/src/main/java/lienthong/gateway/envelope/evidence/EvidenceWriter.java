package lienthong.gateway.envelope.evidence;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.directory.DirectoryExtract;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.ManifestCodec;
import lienthong.gateway.envelope.ReceiptCodec;
import lienthong.gateway.message.Bytes;
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

    private static Optional<Refusal> collect(Map<String, Bytes> files, EvidenceSource source) {
        DirectoryView directory = source.directory();
        Result<Header> core = CoreCodec.decode(source.core(), directory.network());
        if (!(core instanceof Result.Ok<Header> ok)) {
            return Optional.of(core.refusal());
        }
        Header header = ok.value();
        int position = header.ids().indexOf(source.id());
        if (position < 0
                || source.parts().isPresent() && source.manifest().isEmpty()
                || source.receipts().size() > Contents.RECEIPTS_MAX) {
            return invalid("message, core, manifest and parts do not belong together");
        }
        files.put(Names.VERIFY_TEXT, Names.resource(Names.VERIFY_TEXT));
        files.put(Names.VERIFY_SCRIPT, Names.resource(Names.VERIFY_SCRIPT));
        files.put(
                Contents.FILE,
                new Contents(
                                header.network(),
                                source.id(),
                                position,
                                source.receipts().size())
                        .encode());
        files.put(Names.CORE, source.core());
        files.put(Names.STATEMENT, source.statement());

        Set<Hash> signers = new LinkedHashSet<>();
        Set<OrganisationId> offices = new LinkedHashSet<>();
        offices.add(header.sender().organisation());
        Optional<Refusal> fault =
                seal(files, Names.MESSAGE, source.seal(), header.signer(), header.created(), signers, directory);
        if (source.seal().pqCms().isPresent() && fault.isEmpty()) {
            files.put(Names.SECOND_SEAL, source.seal().pqCms().get());
            CmsVerifier.claimedSigner(source.seal().pqCms().get()).ifPresent(signers::add);
        }
        if (source.manifest().isPresent()) {
            if (!ManifestCodec.decode(source.manifest().get(), header.network()).isOk()) {
                return invalid("the manifest is none");
            }
            files.put(Names.MANIFEST, source.manifest().get());
        }
        for (int i = 0; i < source.receipts().size() && fault.isEmpty(); i++) {
            SignedReceipt signed = source.receipts().get(i);
            Result<Receipt> receipt = ReceiptCodec.decode(signed.text(), header.network());
            if (!(receipt instanceof Result.Ok<Receipt> said)) {
                return Optional.of(receipt.refusal());
            }
            String folder = Names.receipt(i + 1);
            files.put(folder + "/receipt.txt", signed.text());
            offices.add(said.value().recipient().organisation());
            fault = seal(
                    files,
                    folder,
                    signed.seal(),
                    said.value().signer(),
                    said.value().time(),
                    signers,
                    directory);
        }
        if (fault.isPresent()) {
            return fault;
        }
        for (Hash signer : signers) {
            fault = signer(files, signer, directory);
            if (fault.isPresent()) {
                return fault;
            }
        }
        directory(files, DirectoryExtract.of(directory.directory(), offices), header.network());
        source.auditProof().ifPresent(proof -> files.put(Names.AUDIT, proof));
        return Optional.empty();
    }

    /** Root text, CMS and place of one seal. */
    private static Optional<Refusal> seal(
            Map<String, Bytes> files,
            String folder,
            Seal seal,
            Hash signer,
            Instant claimed,
            Set<Hash> signers,
            DirectoryView directory) {
        Result<Instant> at = judgedAt(signer, claimed, directory);
        if (!(at instanceof Result.Ok<Instant> time)) {
            return Optional.of(at.refusal());
        }
        signers.add(signer);
        files.put(folder + "/root.txt", seal.rootText());
        files.put(folder + "/seal.der", seal.cms());
        files.put(
                folder + "/place.txt",
                new Place(directory.network(), seal.index(), seal.size(), seal.path(), Optional.of(time.value()))
                        .encode());
        return Optional.empty();
    }

    /** The moment nearest to the claimed one at which certificate, CA and revocation list were all in force: whole seconds. */
    private static Result<Instant> judgedAt(Hash signer, Instant claimed, DirectoryView directory) {
        Optional<List<Certificate>> chain = directory.chainOf(signer);
        if (chain.isEmpty()) {
            return Result.no(ErrorCode.EVIDENCE_INVALID, "certificate " + signer.hex() + " is not known here");
        }
        Certificate leaf = chain.get().get(0);
        Certificate ca = chain.get().get(1);
        Optional<RevocationList> list = directory.revocationListOf(ca.hash());
        if (list.isEmpty()) {
            return Result.no(ErrorCode.EVIDENCE_INVALID, "no revocation list of " + ca.subject());
        }
        Instant from =
                latest(latest(leaf.notBefore(), ca.notBefore()), list.get().thisUpdate());
        Instant until =
                earliest(earliest(leaf.notAfter(), ca.notAfter()), list.get().nextUpdate());
        Instant at = latest(from, earliest(claimed.truncatedTo(ChronoUnit.SECONDS), until));
        return at.isAfter(until)
                ? Result.no(
                        ErrorCode.EVIDENCE_INVALID,
                        "certificate " + signer.hex() + " and the list of " + ca.subject() + " share no time")
                : Result.ok(at);
    }

    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Instant earliest(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Optional<Refusal> signer(Map<String, Bytes> files, Hash signer, DirectoryView directory) {
        Optional<List<Certificate>> chain = directory.chainOf(signer);
        if (chain.isEmpty()) {
            return invalid("certificate " + signer.hex() + " is not known here");
        }
        files.put(Names.signer(signer), Bytes.utf8(chain.get().get(0).pem()));
        Hash ca = chain.get().get(1).hash();
        directory.revocationListOf(ca).ifPresent(list -> files.put(Names.crl(ca), Bytes.utf8(list.pem())));
        return Optional.empty();
    }

    private static void directory(Map<String, Bytes> files, DirectoryExtract extract, Hash network) {
        files.put(Names.DIRECTORY_ROOT, extract.root());
        files.put(Names.DIRECTORY_HEAD, extract.head());
        files.put(Names.DIRECTORY_P384, extract.signatures().ecdsa());
        files.put(Names.DIRECTORY_MLDSA, extract.signatures().mlDsa());
        files.put(
                Names.DIRECTORY_CRL,
                Bytes.utf8(RevocationList.parse(extract.rootCrl()).orBug().pem()));
        int entries = extract.verify(network).orBug().head().entries();
        List<DirectoryExtract.Item> items = new ArrayList<>(extract.items());
        for (int i = 0; i < items.size(); i++) {
            DirectoryExtract.Item item = items.get(i);
            files.put(Names.entry(i + 1), item.text());
            files.put(
                    Names.entryPlace(i + 1),
                    new Place(network, item.index(), entries, item.path(), Optional.empty()).encode());
        }
        for (int i = 0; i < extract.certificates().size(); i++) {
            files.put(
                    Names.ca(i + 1),
                    Bytes.utf8(Certificate.parse(extract.certificates().get(i))
                            .orBug()
                            .pem()));
        }
    }

    private static Optional<Refusal> invalid(String what) {
        return Optional.of(Refusal.of(ErrorCode.EVIDENCE_INVALID, what));
    }
}
