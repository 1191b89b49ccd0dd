package lienthong.gateway.envelope.evidence;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CertificateChain;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.directory.DirectoryEntry;
import lienthong.gateway.directory.DirectoryExtract;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.directory.RevocationEntry;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.Manifest;
import lienthong.gateway.envelope.ManifestCodec;
import lienthong.gateway.envelope.ReceiptCodec;
import lienthong.gateway.envelope.ReceiptVerifier;
import lienthong.gateway.envelope.RootText;
import lienthong.gateway.envelope.Statement;
import lienthong.gateway.envelope.StatementCodec;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SequenceText;
import lienthong.gateway.message.StrictText;

/**
 * Checks evidence with the network's fingerprint alone: what {@code verify.sh} does, and more (both signatures of the directory, revocation and
 * witnesses, strict forms, the post-quantum seal), and says each step in words. Needs no directory, store or key. One use for each check.
 */
public final class EvidenceVerifier {
    private final EvidenceFiles files;
    private final List<Step> steps = new ArrayList<>();
    private final Set<String> used = new HashSet<>();
    private final List<Receipt> receipts = new ArrayList<>();
    private final List<Report.Placed> places = new ArrayList<>();

    // ---- found on the way
    private final Map<Hash, Certificate> cas = new HashMap<>();
    private final List<Witness> witnesses = new ArrayList<>();

    private Optional<RevocationList> rootList = Optional.empty();

    private record Witness(Hash signer, Instant time) {}

    private EvidenceVerifier(EvidenceFiles files) {
        this.files = files;
    }

    /**
     * Checks a zip.
     *
     * @param zip read to its end, left open
     * @param network the fingerprint from a source that the reader trusts; without it the report notes which one to compare
     * @return what was found; never throws for a bad zip
     * @throws IOException from the stream itself
     */
    public static Report verify(InputStream zip, Optional<Hash> network) throws IOException {
        EvidenceVerifier check = new EvidenceVerifier(EvidenceFiles.read(zip));
        return check.run(network);
    }

    private Report run(Optional<Hash> expected) {
        Hash network = Hash.of(files.orEmpty(Names.DIRECTORY_ROOT));
        Optional<Subject> subject = Optional.empty();
        if (filesHold() && networkHolds(network, expected)) {
            subject = directory(network).flatMap(book -> check(book, network));
        }
        return new Report(
                steps,
                Optional.of(network),
                subject.map(found -> found.contents.id()),
                subject.map(found -> found.facts.header()),
                receipts,
                places);
    }

    private boolean filesHold() {
        if (files.fault().isPresent()) {
            return fails(Step.Id.FILES, files.fault().get());
        }
        for (String name : List.of(Names.VERIFY_TEXT, Names.VERIFY_SCRIPT)) {
            if (!file(name).equals(Names.resource(name))) {
                return fails(Step.Id.FILES, "{0} is not the one that evidence carries", name);
            }
        }
        return holds(
                Step.Id.FILES,
                "{0} files and {1} parts, all with known names",
                files.files().size(),
                files.parts().size());
    }

    private boolean networkHolds(Hash network, Optional<Hash> expected) {
        if (expected.isEmpty()) {
            steps.add(new Step(
                    Step.Id.NETWORK,
                    Step.Outcome.NOTE,
                    Detail.of(
                            "the fingerprint of the network is {0}: compare it with the one you know", network.hex())));
            return true;
        }
        return expected.get().equals(network)
                ? holds(Step.Id.NETWORK, "the fingerprint is the one expected, {0}", network.hex())
                : fails(
                        Step.Id.NETWORK,
                        "the fingerprint is {0}, expected was {1}",
                        network.hex(),
                        expected.get().hex());
    }

    // ---- directory

    private Optional<DirectoryExtract.Verified> directory(Hash network) {
        List<DirectoryExtract.Item> items = new ArrayList<>();
        Set<Long> sizes = new HashSet<>();
        for (int i = 1; files.file(Names.entry(i)).isPresent(); i++) {
            Result<Place> place = Place.decode(file(Names.entryPlace(i)), network);
            if (!(place instanceof Result.Ok<Place> ok) || ok.value().at().isPresent()) {
                fails(Step.Id.DIRECTORY, "{0} is no place of an entry", Names.entryPlace(i));
                return Optional.empty();
            }
            sizes.add(ok.value().size());
            items.add(new DirectoryExtract.Item(
                    (int) ok.value().index(), file(Names.entry(i)), ok.value().siblings()));
        }
        List<Bytes> certificates = new ArrayList<>();
        for (int i = 1; files.file(Names.ca(i)).isPresent(); i++) {
            Optional<Certificate> ca = certificate(Names.ca(i));
            if (ca.isEmpty()) {
                fails(Step.Id.DIRECTORY, "{0} is no certificate", Names.ca(i));
                return Optional.empty();
            }
            certificates.add(ca.get().der());
            cas.put(ca.get().hash(), ca.get());
        }
        rootList = list(Names.DIRECTORY_CRL);
        if (rootList.isEmpty() || certificates.isEmpty()) {
            fails(Step.Id.DIRECTORY, "the root CA or its revocation list is missing");
            return Optional.empty();
        }
        DirectoryExtract extract = new DirectoryExtract(
                file(Names.DIRECTORY_ROOT),
                file(Names.DIRECTORY_HEAD),
                new DoubleSignature(file(Names.DIRECTORY_P384), file(Names.DIRECTORY_MLDSA)),
                items,
                certificates,
                rootList.get().der());
        Result<DirectoryExtract.Verified> verified = extract.verify(network);
        if (!(verified instanceof Result.Ok<DirectoryExtract.Verified> ok)) {
            fails(Step.Id.DIRECTORY, verified.refusal().about());
            return Optional.empty();
        }
        Certificate rootCa = rootCa();
        if (!sizes.equals(Set.of((long) ok.value().head().entries()))
                || !rootList.get().isSignedBy(rootCa)) {
            fails(
                    Step.Id.DIRECTORY,
                    "places of entries, or the root's revocation list, do not belong to this directory");
            return Optional.empty();
        }
        holds(
                Step.Id.DIRECTORY,
                "version {0} under both signatures of the authority, {1}, with {2} entries",
                ok.value().version().number(),
                StrictText.time(ok.value().head().issued()),
                items.size());
        return Optional.of(ok.value());
    }

    private Certificate rootCa() {
        return cas.values().stream()
                .filter(ca -> ca.isSignedBy(ca))
                .findFirst()
                .orElseThrow(() -> new lienthong.gateway.message.Bug("an extract verified without its root CA"));
    }

    // ---- message

    /** The envelope, as far as evidence shows it. */
    private record Subject(Contents contents, EnvelopeFacts facts) {}

    private Optional<Subject> check(DirectoryExtract.Verified book, Hash network) {
        Optional<Subject> subject = envelope(network);
        if (subject.isEmpty()) {
            return Optional.empty();
        }
        EnvelopeFacts facts = subject.get().facts;
        Header header = facts.header();
        boolean all = seal(
                        book,
                        Names.MESSAGE,
                        RootText.Kind.SEAL,
                        facts.leaf(),
                        new Speaker(header.signer(), header.sender(), header.created(), header.suite()),
                        Step.Id.SIGNATURE)
                && secondSeal(book, header)
                && manifest(subject.get(), network);
        for (int i = 1; all && i <= subject.get().contents.receipts(); i++) {
            all = receipt(book, subject.get(), i);
        }
        for (int i = 1; all && i <= subject.get().contents.audit(); i++) {
            all = audit(book, subject.get(), i);
        }
        if (all) {
            all = revocations(book) && nothingLeft();
        }
        return subject;
    }

    private Optional<Subject> envelope(Hash network) {
        Result<Contents> contents = Contents.decode(file(Contents.FILE), network);
        Result<Header> core = CoreCodec.decode(file(Names.CORE), network);
        Result<Statement> statement = StatementCodec.decode(file(Names.STATEMENT), network);
        Result<RootText> root = RootText.decode(file("message/root.txt"), network, RootText.Kind.SEAL);
        Result<Place> place = Place.decode(file("message/place.txt"), network);
        if (!contents.isOk() || !core.isOk() || !statement.isOk() || !root.isOk() || !place.isOk()) {
            fails(Step.Id.ENVELOPE, "core, statement, root text or place are not in their one written form");
            return Optional.empty();
        }
        Header header = core.orBug();
        Statement stated = statement.orBug();
        int position = contents.orBug().position();
        if (!stated.core().equals(Hash.of(file(Names.CORE)))
                || stated.manifests().size() != header.ids().size()
                || stated.slots().size() != header.recipients().size() + 1
                || position >= header.ids().size()
                || !header.ids().get(position).equals(contents.orBug().id())
                || root.orBug().suite() != header.suite()) {
            fails(Step.Id.ENVELOPE, "the statement is not about this core, or the core not about this message");
            return Optional.empty();
        }
        holds(
                Step.Id.ENVELOPE,
                "message {0} from {1} to {2} recipients, {3} by its sender's clock",
                contents.orBug().id(),
                header.sender(),
                header.recipients().size(),
                StrictText.time(header.created()));
        return Optional.of(new Subject(
                contents.orBug(),
                new EnvelopeFacts(
                        header,
                        MerkleTree.leafHash(file(Names.STATEMENT)),
                        root.orBug().root(),
                        (int) place.orBug().index(),
                        (int) place.orBug().size(),
                        stated.ciphertextRoot(),
                        stated.ciphertextLength(),
                        stated.manifests(),
                        stated.slots())));
    }

    /** Who is to have signed: a certificate, for which address (for a delegate: its node's office), when. */
    private record Speaker(Hash signer, Address holder, Instant claimed, int suite) {}

    /** Path, CMS, certificate, dates: everything of one signature but revocation, which needs all witnesses. */
    private boolean seal(
            DirectoryExtract.Verified book, String folder, RootText.Kind kind, Hash leaf, Speaker speaker, Step.Id id) {
        Result<RootText> root =
                RootText.decode(file(folder + "/root.txt"), book.head().network(), kind);
        return root.isOk()
                ? seal(book, folder, root.orBug().size(), root.orBug().root(), leaf, speaker, id)
                : fails(id.ofPath(), "{0}: the root text is not in its one written form", folder);
    }

    private boolean seal(
            DirectoryExtract.Verified book,
            String folder,
            long size,
            Hash root,
            Hash leaf,
            Speaker speaker,
            Step.Id id) {
        Result<Place> place =
                Place.decode(file(folder + "/place.txt"), book.head().network());
        if (!place.isOk()
                || place.orBug().size() != size
                || !MerkleTree.verifies(
                        leaf, place.orBug().index(), size, place.orBug().siblings(), root)) {
            return fails(id.ofPath(), "{0}: the path does not lead to the signed root", folder);
        }
        Optional<Certificate> signer = certificate(Names.signer(speaker.signer));
        if (signer.isEmpty() || !signer.get().hash().equals(speaker.signer)) {
            return fails(id, "{0}: certificate {1} is missing", folder, speaker.signer.hex());
        }
        Bytes cms = file(folder + "/seal.der");
        if (signer.get().publicKeyAlgorithm().isPostQuantum()
                || CmsVerifier.verify(cms, file(folder + "/root.txt"), signer.get())
                        .isPresent()) {
            return fails(id, "{0}: the signature is not by certificate {1}", folder, speaker.signer.hex());
        }
        Optional<Instant> at = place.orBug().at();
        Optional<Detail> fault = at.isEmpty()
                ? Optional.of(Detail.of("no time at which the signer is judged"))
                : judge(book, signer.get(), speaker, at.get());
        if (fault.isPresent()) {
            return fails(id == Step.Id.SIGNATURE ? Step.Id.SIGNER : id, "{0}: {1}", folder, fault.get());
        }
        witnesses.add(new Witness(speaker.signer, speaker.claimed));
        if (id == Step.Id.SIGNATURE) {
            holds(
                    Step.Id.PATH,
                    "the statement is leaf {0} of {1} under the signed root",
                    place.orBug().index(),
                    place.orBug().size());
            holds(Step.Id.SIGNATURE, "the root is signed by certificate {0}", speaker.signer.hex());
            holds(
                    Step.Id.SIGNER,
                    "it is the certificate of {0}, under the CA that the directory lists, valid at {1}",
                    speaker.holder,
                    StrictText.time(speaker.claimed));
        }
        return true;
    }

    /** Whether the certificate is the holder's, chains to a CA that the directory lists for the office, and was in force; else why not. */
    private Optional<Detail> judge(DirectoryExtract.Verified book, Certificate signer, Speaker speaker, Instant at) {
        Optional<OrganisationEntry> office = book.organisation(speaker.holder.organisation());
        if (office.isEmpty()) {
            return Optional.of(Detail.of("office {0} is not in this directory", speaker.holder.organisation()));
        }
        List<Hash> listed = new ArrayList<>(office.get().formerCas());
        office.get().ca().ifPresent(listed::add);
        Optional<Certificate> ca = listed.stream()
                .flatMap(hash -> Optional.ofNullable(cas.get(hash)).stream())
                .filter(signer::isSignedBy)
                .findFirst();
        if (ca.isEmpty()) {
            return Optional.of(Detail.of("its signer is not certified by the CA that the directory lists"));
        }
        Instant claimed = speaker.claimed.truncatedTo(ChronoUnit.SECONDS);
        for (Instant time : List.of(claimed, at)) {
            if (!CertificateChain.validate(signer, ca.get(), Optional.of(rootCa()), time)
                    .isOk()) {
                return Optional.of(Detail.of("its signer's certificate was not valid at {0}", StrictText.time(time)));
            }
        }
        Certificate issuer = ca.get();
        List<Optional<RevocationList>> lists = listFiles(issuer.hash());
        if (lists.stream()
                .anyMatch(list -> list.filter(good -> good.isSignedBy(issuer)).isEmpty())) {
            return Optional.of(Detail.of("a revocation list that {0} has not signed", issuer.subject()));
        }
        return lists.stream()
                        .flatMap(Optional::stream)
                        .anyMatch(list -> !at.isBefore(list.thisUpdate()) && !at.isAfter(list.nextUpdate()))
                ? Optional.empty()
                : Optional.of(
                        Detail.of("no revocation list of {0} in force at {1}", issuer.subject(), StrictText.time(at)));
    }

    private boolean secondSeal(DirectoryExtract.Verified book, Header header) {
        Optional<Bytes> second = files.file(Names.SECOND_SEAL);
        if (second.isEmpty()) {
            return header.flags().contains(Header.Flag.PQ_REQUIRED)
                    ? fails(Step.Id.SECOND_SEAL, "a second, post-quantum seal is required and missing")
                    : true;
        }
        Optional<Certificate> signer =
                CmsVerifier.claimedSigner(file(Names.SECOND_SEAL)).flatMap(hash -> certificate(Names.signer(hash)));
        Optional<Place> place =
                Place.decode(file("message/place.txt"), header.network()).fold(Optional::of, no -> Optional.empty());
        boolean good = signer.isPresent()
                && place.isPresent()
                && signer.get().publicKeyAlgorithm().isPostQuantum()
                && isOf(signer.get(), header.sender())
                && CmsVerifier.verify(file(Names.SECOND_SEAL), file("message/root.txt"), signer.get())
                        .isEmpty()
                && judge(
                                book,
                                signer.get(),
                                new Speaker(signer.get().hash(), header.sender(), header.created(), header.suite()),
                                place.get().at().orElse(header.created()))
                        .isEmpty();
        return good
                ? holds(
                        Step.Id.SECOND_SEAL,
                        "the post-quantum seal is by certificate {0}",
                        signer.get().hash().hex())
                : fails(Step.Id.SECOND_SEAL, "the second seal does not verify");
    }

    private boolean manifest(Subject subject, Hash network) {
        Header header = subject.facts.header();
        Optional<Certificate> signer = certificate(Names.signer(header.signer()));
        if (signer.isEmpty() || !isOf(signer.get(), header.sender())) {
            return fails(Step.Id.SIGNER, "the certificate is not that of {0}", header.sender());
        }
        if (files.file(Names.MANIFEST).isEmpty()) {
            if (!files.parts().isEmpty()) {
                return fails(Step.Id.PARTS, "parts without a manifest");
            }
            steps.add(new Step(
                    Step.Id.MANIFEST, Step.Outcome.NOTE, Detail.of("manifest and parts are not in this evidence")));
            return true;
        }
        Bytes text = file(Names.MANIFEST);
        Result<Manifest> manifest = ManifestCodec.decode(text, network);
        if (!(manifest instanceof Result.Ok<Manifest> ok)
                || !ok.value().id().equals(subject.contents.id())
                || !subject.facts.manifests().get(subject.contents.position()).equals(Hash.of(text))) {
            return fails(Step.Id.MANIFEST, "the manifest is not the one that was sealed");
        }
        holds(Step.Id.MANIFEST, "the manifest is the one that was sealed");
        if (files.parts().isEmpty()) {
            return true;
        }
        List<Manifest.Part> parts = ok.value().parts();
        for (int i = 0; i < parts.size(); i++) {
            EvidenceFiles.PartFile part = files.parts().get(Names.part(i + 1));
            if (part == null
                    || part.length() != parts.get(i).length()
                    || !part.hash().equals(parts.get(i).hash())) {
                return fails(Step.Id.PARTS, "{0} is not the part that was sealed", Names.part(i + 1));
            }
        }
        return parts.size() == files.parts().size()
                ? holds(Step.Id.PARTS, "all {0} parts are those that were sealed", parts.size())
                : fails(Step.Id.PARTS, "more parts than were sealed");
    }

    /** Whether the subject is that of the address, or of its office where the address has no certificate of its own. */
    private static boolean isOf(Certificate certificate, Address address) {
        String office = address.organisation().text();
        Optional<String> name = certificate.commonName();
        return certificate.organisationalUnits().size() == 2
                && certificate.organisationalUnits().get(1).equals(office)
                && (name.equals(Optional.of("address " + address)) || name.equals(Optional.of("address " + office)));
    }

    // ---- receipts

    private boolean receipt(DirectoryExtract.Verified book, Subject subject, int number) {
        String folder = Names.receipt(number);
        Bytes text = file(folder + "/receipt.txt");
        Result<Receipt> decoded = ReceiptCodec.decode(text, book.head().network());
        if (!(decoded instanceof Result.Ok<Receipt> ok)) {
            return fails(Step.Id.RECEIPT, "{0}: not in its one written form", folder);
        }
        Receipt receipt = ok.value();
        if (!ReceiptVerifier.matches(receipt, subject.facts, subject.contents.id())) {
            return fails(Step.Id.RECEIPT, "{0}: not about this message, or not from a recipient of it", folder);
        }
        Optional<Address> speaker = speaker(book, subject, receipt);
        if (speaker.isEmpty()) {
            return fails(
                    Step.Id.RECEIPT,
                    "{0}: its signer may not say {1} for {2}",
                    folder,
                    receipt.kind().word(),
                    receipt.recipient());
        }
        boolean sealed = seal(
                book,
                folder,
                RootText.Kind.RECEIPT_SEAL,
                MerkleTree.leafHash(text),
                new Speaker(receipt.signer(), speaker.get(), receipt.time(), 0),
                Step.Id.RECEIPT);
        if (sealed) {
            receipts.add(receipt);
            holds(
                    Step.Id.RECEIPT,
                    "{0} says {1}, {2} by its signer's clock, signed by {3}",
                    receipt.recipient(),
                    receipt.kind().word()
                            + receipt.reason()
                                    .map(reason -> " (" + reason.label() + ")")
                                    .orElse(""),
                    StrictText.time(receipt.time()),
                    certificate(Names.signer(receipt.signer()))
                            .flatMap(Certificate::commonName)
                            .orElse("?"));
        }
        return sealed;
    }

    /** For whom the receipt's signer speaks: the address itself, the sender for expired, the node's office for a delegate. */
    private Optional<Address> speaker(DirectoryExtract.Verified book, Subject subject, Receipt receipt) {
        Optional<Certificate> signer = certificate(Names.signer(receipt.signer()));
        if (signer.isEmpty()) {
            return Optional.empty();
        }
        if (receipt.kind() == Receipt.Kind.EXPIRED) {
            // matches() has compared the signer with the core's.
            return Optional.of(subject.facts.header().sender());
        }
        if (isOf(signer.get(), receipt.recipient())) {
            return Optional.of(receipt.recipient());
        }
        Optional<OrganisationEntry> office =
                book.organisation(receipt.recipient().organisation());
        if (office.isEmpty()) {
            return Optional.empty();
        }
        OrganisationId node = office.get().node();
        boolean delegated = receipt.kind() == Receipt.Kind.DELIVERED
                        && office.get().delegates(OrganisationEntry.Delegation.DELIVERED)
                || receipt.kind() == Receipt.Kind.RETURNED
                        && !receipt.reason().equals(Optional.of(ErrorCode.RETURNED_BY_APPLICATION))
                        && office.get().delegates(OrganisationEntry.Delegation.RETURNED);
        boolean isNode = isEvidenceOf(signer.get(), node);
        return delegated && isNode ? Optional.of(Address.of(node)) : Optional.empty();
    }

    // ---- audit log

    /** A line of a node's audit log, about this very envelope, under a checkpoint that the node has signed. */
    private boolean audit(DirectoryExtract.Verified book, Subject subject, int number) {
        String folder = Names.audit(number);
        Result<CheckpointText> decoded =
                CheckpointText.decode(file(folder + "/root.txt"), book.head().network());
        if (!(decoded instanceof Result.Ok<CheckpointText> ok)) {
            return fails(Step.Id.AUDIT, "{0}: the checkpoint is not in its one written form", folder);
        }
        CheckpointText checkpoint = ok.value();
        Bytes line = file(folder + "/entry.txt");
        Optional<Long> index = Place.decode(
                        file(folder + "/place.txt"), book.head().network())
                .fold(place -> Optional.of(place.index()), no -> Optional.empty());
        String[] fields = line.utf8().split(" \\| ", -1);
        boolean about = index.isPresent()
                && line.utf8().indexOf('\n') == line.utf8().length() - 1
                && fields.length == AuditProof.FIELDS
                && fields[0].equals(Long.toString(index.get()))
                && fields[3].equals(subject.facts.header().id().toString())
                && fields[4].equals("0")
                && fields[AuditProof.DETAIL].endsWith(
                        " leaf " + subject.facts.leaf().hex());
        if (!about) {
            return fails(Step.Id.AUDIT, "{0}: the entry is not about this envelope", folder);
        }
        Optional<Certificate> signer = certificate(Names.signer(checkpoint.signer()));
        if (signer.isEmpty() || !isEvidenceOf(signer.get(), checkpoint.node())) {
            return fails(Step.Id.AUDIT, "{0}: not signed by node {1}", folder, checkpoint.node());
        }
        return seal(
                        book,
                        folder,
                        checkpoint.size(),
                        checkpoint.root(),
                        MerkleTree.leafHash(line),
                        new Speaker(checkpoint.signer(), Address.of(checkpoint.node()), checkpoint.at(), 0),
                        Step.Id.AUDIT)
                && holds(
                        Step.Id.AUDIT,
                        "entry {0} of the audit log of node {1} says {2} at {3} by its clock; it signed the log of {4} entries at {5}",
                        index.get(),
                        checkpoint.node(),
                        fields[2],
                        fields[1],
                        checkpoint.size(),
                        StrictText.time(checkpoint.at()))
                && sequence(subject, number, line, checkpoint.node());
    }

    /** Where the node says that the envelope stands in its sender's sequences: its own word, which it cannot change afterwards. */
    private boolean sequence(Subject subject, int number, Bytes line, OrganisationId node) {
        Optional<Hash> named = AuditProof.sequenceNamedBy(line);
        if (named.isEmpty()) {
            return true;
        }
        Header header = subject.facts.header();
        Bytes text = file(Names.sequence(number));
        Result<SequenceText> decoded = SequenceText.decode(text, header.network());
        if (!(decoded instanceof Result.Ok<SequenceText> ok)
                || !Hash.of(text).equals(named.get())
                || !ok.value().core().equals(Hash.of(file(Names.CORE)))) {
            return fails(Step.Id.SEQUENCE, "{0} is not the one that the audit log names", Names.sequence(number));
        }
        int before = -1;
        for (SequenceText.Place place : ok.value().places()) {
            int at = header.recipients().indexOf(place.recipient());
            if (at <= before) {
                return fails(Step.Id.SEQUENCE, "{0}: {1}", Names.sequence(number), place.recipient());
            }
            before = at;
            places.add(new Report.Placed(
                    node, header.sender(), ok.value().core(), header.ids().size(), place));
        }
        SequenceText.Place first = ok.value().places().get(0);
        int more = ok.value().places().size() - 1;
        return holds(
                Step.Id.SEQUENCE,
                "node {0} wrote down then: number {1} of {2}, life {3}, to {4}, after core {5}{6}",
                node,
                first.first() + subject.contents.position(),
                header.sender(),
                first.incarnation(),
                first.recipient(),
                first.previousCore().hex(),
                more == 0 ? Detail.none() : Detail.of("; and for {0} more recipients", more));
    }

    private static boolean isEvidenceOf(Certificate certificate, OrganisationId node) {
        return certificate.commonName().equals(Optional.of("node evidence " + node))
                && certificate.organisationalUnits().size() == 2
                && certificate.organisationalUnits().get(1).equals(node.text());
    }

    // ---- revocation

    /** A revoked signer counts only for what another signer of this evidence witnessed before the revocation. */
    private boolean revocations(DirectoryExtract.Verified book) {
        for (Witness signed : witnesses) {
            Optional<Instant> revoked = revokedAt(book, signed.signer);
            if (revoked.isEmpty()) {
                continue;
            }
            boolean witnessed = signed.time.isBefore(revoked.get())
                    && witnesses.stream()
                            .anyMatch(other -> !other.signer.equals(signed.signer)
                                    && other.time.isBefore(revoked.get())
                                    && revokedAt(book, other.signer).isEmpty());
            Detail text = Detail.of(
                    "certificate {0} is revoked since {1}", signed.signer.hex(), StrictText.time(revoked.get()));
            if (!witnessed) {
                return fails(
                        Step.Id.REVOCATION,
                        "{0}, and nobody else witnessed before that what it signed: valid once, unwitnessed",
                        text);
            }
            steps.add(new Step(
                    Step.Id.REVOCATION,
                    Step.Outcome.NOTE,
                    Detail.of("{0}; another signer witnessed before that what it signed", text)));
        }
        return holds(Step.Id.REVOCATION, "no signer is revoked without a witness before it");
    }

    private Optional<Instant> revokedAt(DirectoryExtract.Verified book, Hash signer) {
        Optional<Certificate> certificate = certificate(Names.signer(signer));
        Set<Hash> concerned = new HashSet<>(Set.of(signer));
        Optional<Instant> first = Optional.empty();
        for (Certificate ca : cas.values()) {
            if (certificate.isPresent() && certificate.get().isSignedBy(ca)) {
                concerned.add(ca.hash());
                first = Stream.concat(
                                listFiles(ca.hash()).stream()
                                        .flatMap(Optional::stream)
                                        .flatMap(list -> list.entryOf(certificate.get()).stream()),
                                rootList.stream().flatMap(list -> list.entryOf(ca).stream()))
                        .map(RevocationList.Entry::at)
                        .min(Instant::compareTo);
            }
        }
        for (DirectoryEntry entry : book.entries()) {
            if (entry instanceof RevocationEntry revocation
                    && concerned.contains(revocation.hash())
                    && (first.isEmpty() || revocation.time().isBefore(first.get()))) {
                first = Optional.of(revocation.time());
            }
        }
        return first;
    }

    /** Every file was looked at: nothing rides along unchecked. */
    private boolean nothingLeft() {
        for (String name : files.files().keySet()) {
            if (!used.contains(name)) {
                return fails(Step.Id.FILES, "{0} belongs to nothing in this evidence", name);
            }
        }
        return true;
    }

    // ---- small tools

    private Bytes file(String name) {
        used.add(name);
        return files.orEmpty(name);
    }

    /** A certificate whose PEM is the one written form. */
    private Optional<Certificate> certificate(String name) {
        Bytes text = file(name);
        return Certificate.parsePem(text.utf8())
                .fold(Optional::of, no -> Optional.<Certificate>empty())
                .filter(certificate -> Bytes.utf8(certificate.pem()).equals(text));
    }

    /** Those of a CA: mostly one. */
    private List<Optional<RevocationList>> listFiles(Hash ca) {
        List<Optional<RevocationList>> all = new ArrayList<>();
        for (int i = 1; files.file(Names.crl(ca, i)).isPresent(); i++) {
            all.add(list(Names.crl(ca, i)));
        }
        return all;
    }

    private Optional<RevocationList> list(String name) {
        Bytes text = file(name);
        return pem(text.utf8(), "X509 CRL")
                .flatMap(der -> RevocationList.parse(der).fold(Optional::of, no -> Optional.<RevocationList>empty()))
                .filter(list -> Bytes.utf8(list.pem()).equals(text));
    }

    /** The content of one PEM block (RFC 7468); whether it was the one written form, the caller compares. */
    private static Optional<Bytes> pem(String text, String label) {
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Bytes.ofOwned(java.util.Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to))));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private boolean holds(Step.Id id, @CompileTimeConstant String text, Object... arguments) {
        steps.add(new Step(id, Step.Outcome.HOLDS, Detail.of(text, arguments)));
        return true;
    }

    private boolean fails(Step.Id id, @CompileTimeConstant String text, Object... arguments) {
        return fails(id, Detail.of(text, arguments));
    }

    private boolean fails(Step.Id id, Detail about) {
        steps.add(new Step(id, Step.Outcome.FAILS, about));
        return false;
    }
}
