package lienthong.gateway.identity;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryVerifier;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.directory.Texts;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * An invitation, read and checked as far as a file can be checked by itself: form, the authority's signatures under the root it brings. Whether
 * that root is the right one, the typed fingerprint says; see {@link Join}.
 *
 * <p>Source: docs/spec/directory.md, "Invitation".
 */
public final class Invitation {
    private static final String KIND = "invitation";
    private static final int OFFICES_MAX = 64;

    private final Facts facts;
    private final Directory directory;
    private final Bytes boxedSecrets;
    private final List<Bytes> records;

    private Invitation(Facts facts, Directory directory, Bytes boxedSecrets, List<Bytes> records) {
        this.facts = facts;
        this.directory = directory;
        this.boxedSecrets = boxedSecrets;
        this.records = List.copyOf(records);
    }

    /**
     * What the authority signed about it.
     *
     * @param network fingerprint
     * @param number random, names the invitation
     * @param node the node that joins
     * @param offices the offices it serves, each with SHA-256 of its new CA's certificate
     * @param directory the version it brings
     * @param issued when it was made
     * @param expires when it can no longer be used
     * @param dial where to dial; may be empty for a hub that dials nobody
     * @param contact whom to telephone
     */
    public record Facts(
            Hash network,
            Hash number,
            OrganisationId node,
            Map<OrganisationId, Hash> offices,
            DirectoryVersion directory,
            Instant issued,
            Instant expires,
            List<DialAddress> dial,
            Optional<String> contact) {
        public Facts {
            offices = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(offices));
            dial = List.copyOf(dial);
        }

        /** The strict text. */
        Bytes text() {
            return StrictText.write(network, KIND)
                    .line("number", number)
                    .line("node", node)
                    .lines(
                            "office",
                            offices.entrySet().stream()
                                    .map(office -> office.getKey() + " " + office.getValue())
                                    .toList())
                    .line("directory", directory)
                    .line("issued", StrictText.time(issued))
                    .line("expires", StrictText.time(expires))
                    .lines("dial", dial)
                    .line("contact", contact)
                    .done();
        }

        static Result<Facts> parse(Bytes text, Hash network) {
            return StrictText.read(text, network, KIND, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                    .then(reader -> {
                        Hash number = reader.hash("number");
                        OrganisationId node = Texts.organisation(reader, "node");
                        Map<OrganisationId, Hash> offices = new LinkedHashMap<>();
                        for (String line : reader.lines("office", 1, OFFICES_MAX)) {
                            String[] words = line.split(" ", -1);
                            Result<OrganisationId> office = OrganisationId.parse(words[0]);
                            if (words.length == 2 && office instanceof Result.Ok<OrganisationId> ok) {
                                offices.put(ok.value(), reader.parseHash("office", words[1]));
                            } else {
                                reader.fail("office is a code and a hash");
                            }
                        }
                        DirectoryVersion directory = Texts.version(reader, "directory");
                        Instant issued = reader.time("issued");
                        Instant expires = reader.time("expires");
                        List<DialAddress> dial = dials(reader);
                        Optional<String> contact = Texts.optionalText(reader, "contact", Limits.NAME_CHARS_MAX);
                        return Texts.checked(
                                reader,
                                text,
                                () -> new Facts(
                                        network, number, node, offices, directory, issued, expires, dial, contact),
                                Facts::text);
                    });
        }
    }

    static List<DialAddress> dials(StrictText.Reader reader) {
        List<DialAddress> dial = new ArrayList<>();
        for (String line : reader.lines("dial", 0, Limits.DIAL_ADDRESSES_MAX)) {
            DialAddress.parse(line).fold(dial::add, refusal -> {
                reader.fail("dial is HOST:PORT");
                return false;
            });
        }
        return dial;
    }

    /**
     * Reads an invitation file.
     *
     * @return INVITATION_INVALID for what is cut short, altered, of another format, or contradicts the directory it brings
     */
    public static Result<Invitation> read(Bytes file) {
        return IdentityWire.parseInvitation(file).then(parts -> {
            Result<Directory> directory = NetworkRoot.parse(parts.directory().root())
                    .then(root -> DirectoryVerifier.verifyStored(parts.directory(), root));
            if (!(directory instanceof Result.Ok<Directory> known)) {
                return invalid("its directory: {0}", directory.refusal().about());
            }
            NetworkRoot root = known.value().root();
            boolean signed = lienthong.gateway.crypto.DoubleVerifier.parse(root.p384Key(), root.mldsa87Key())
                    .fold(verifier -> verifier.verifies(parts.text(), parts.signatures()), no -> false);
            if (!signed) {
                return invalid("altered: a signature of the authority does not verify");
            }
            Result<Facts> facts = Facts.parse(parts.text(), root.fingerprint());
            if (!(facts instanceof Result.Ok<Facts> ok)) {
                return invalid(facts.refusal().about());
            }
            Facts said = ok.value();
            boolean fits = said.directory().equals(known.value().version())
                    && known.value().node(said.node()).isPresent()
                    && said.offices().entrySet().stream()
                            .allMatch(office -> known.value()
                                    .organisation(office.getKey())
                                    .filter(entry -> entry.node().equals(said.node()))
                                    .flatMap(entry -> entry.ca())
                                    .filter(office.getValue()::equals)
                                    .isPresent());
            return fits
                    ? Result.ok(new Invitation(said, known.value(), parts.boxedSecrets(), parts.records()))
                    : invalid("it does not fit the directory it brings");
        });
    }

    private static <T> Result<T> invalid(@CompileTimeConstant String detail, Object... arguments) {
        return invalid(Detail.of(detail, arguments));
    }

    private static <T> Result<T> invalid(Detail about) {
        return Result.no(ErrorCode.INVITATION_INVALID, about);
    }

    public Facts facts() {
        return facts;
    }

    /** The root it brings: trusted only after its fingerprint was typed in. */
    public NetworkRoot root() {
        return directory.root();
    }

    /** The directory it brings, consistent under that root. */
    public Directory directory() {
        return directory;
    }

    public SignedDirectory signedDirectory() {
        return directory.signed();
    }

    /** Records the authority knew, as they travel. */
    public List<Bytes> records() {
        return records;
    }

    Bytes boxedSecrets() {
        return boxedSecrets;
    }
}
