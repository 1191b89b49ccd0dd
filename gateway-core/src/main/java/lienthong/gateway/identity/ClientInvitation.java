package lienthong.gateway.identity;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.time.Instant;
import java.util.List;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CertificateChain;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.crypto.KeyAlgorithm;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.VerifyingKey;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryVerifier;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.directory.Texts;
import lienthong.gateway.message.Address;
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
 * The file that lets one embedded client enrol at its node, read and checked under the root it brings; see {@link ClientEnrolment}.
 *
 * <p>Source: docs/spec/directory.md, "Client enrolment".
 */
public final class ClientInvitation {
    static final String BOX_PURPOSE = "client enrolment";
    private static final String KIND = "client-invitation";

    private final Facts facts;
    private final Directory directory;
    private final Certificate enrolment;
    private final Certificate officeCa;
    private final Bytes boxedSecrets;

    private ClientInvitation(
            Facts facts, Directory directory, Certificate enrolment, Certificate officeCa, Bytes boxedSecrets) {
        this.facts = facts;
        this.directory = directory;
        this.enrolment = enrolment;
        this.officeCa = officeCa;
        this.boxedSecrets = boxedSecrets;
    }

    /**
     * What the office signed about it.
     *
     * @param network fingerprint
     * @param address the mailbox the client will be
     * @param node that serves it
     * @param tokenHash SHA-256 of the one-time token
     * @param enrolment SHA-256 of the enrolment TLS certificate
     * @param directory the version it brings
     * @param issued when it was made
     * @param expires when it can no longer be used
     * @param dial where the client dials
     */
    public record Facts(
            Hash network,
            Address address,
            OrganisationId node,
            Hash tokenHash,
            Hash enrolment,
            DirectoryVersion directory,
            Instant issued,
            Instant expires,
            List<DialAddress> dial) {
        public Facts {
            dial = List.copyOf(dial);
        }

        Bytes text() {
            return StrictText.write(network, KIND)
                    .line("address", address)
                    .line("node", node)
                    .line("token-hash", tokenHash)
                    .line("enrolment", enrolment)
                    .line("directory", directory)
                    .line("issued", StrictText.time(issued))
                    .line("expires", StrictText.time(expires))
                    .lines("dial", dial)
                    .done();
        }

        static Result<Facts> parse(Bytes text, Hash network) {
            return StrictText.read(text, network, KIND, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                    .then(reader -> {
                        Address address = Texts.address(reader, "address");
                        OrganisationId node = Texts.organisation(reader, "node");
                        Hash tokenHash = reader.hash("token-hash");
                        Hash enrolment = reader.hash("enrolment");
                        DirectoryVersion directory = Texts.version(reader, "directory");
                        Instant issued = reader.time("issued");
                        Instant expires = reader.time("expires");
                        List<DialAddress> dial = Invitation.dials(reader);
                        return Texts.checked(
                                reader,
                                text,
                                () -> new Facts(
                                        network, address, node, tokenHash, enrolment, directory, issued, expires, dial),
                                Facts::text);
                    });
        }
    }

    /**
     * Reads a client invitation.
     *
     * @return INVITATION_INVALID for what is cut short, altered, or not by the office it names
     */
    public static Result<ClientInvitation> read(Bytes file) {
        return IdentityWire.parseClientInvitation(file).then(parts -> {
            Result<Directory> directory = NetworkRoot.parse(parts.directory().root())
                    .then(root -> DirectoryVerifier.verifyStored(parts.directory(), root));
            if (!(directory instanceof Result.Ok<Directory> known)) {
                return invalid("its directory: {0}", directory.refusal().about());
            }
            Result<Facts> facts = Facts.parse(parts.text(), known.value().network());
            Result<Certificate> signer = Certificate.parse(parts.certificates().get(0));
            Result<Certificate> enrolment =
                    Certificate.parse(parts.certificates().get(1));
            if (!(facts instanceof Result.Ok<Facts> said)
                    || !(signer instanceof Result.Ok<Certificate> by)
                    || !(enrolment instanceof Result.Ok<Certificate> link)) {
                return invalid("a text or certificate in it is malformed");
            }
            Address office = Address.of(said.value().address().organisation());
            var ca = known.value().caOf(office.organisation());
            boolean signed = ca.isPresent()
                    && !known.value().isRevoked(ca.get().hash())
                    && CertificateChain.validate(
                                    by.value(),
                                    ca.get(),
                                    java.util.Optional.of(known.value().rootCa()),
                                    said.value().issued())
                            .isOk()
                    && by.value()
                            .commonName()
                            .filter(("address " + office)::equals)
                            .isPresent()
                    && CmsVerifier.verify(parts.cms(), parts.text(), by.value()).isEmpty();
            if (!signed) {
                return invalid("altered: it is not signed by {0}", office);
            }
            boolean fits = link.value().hash().equals(said.value().enrolment())
                    && link.value().isSignedBy(ca.get())
                    && said.value().directory().equals(known.value().version())
                    && known.value()
                            .nodeServing(said.value().address())
                            .filter(said.value().node()::equals)
                            .isPresent();
            return fits
                    ? Result.ok(new ClientInvitation(
                            said.value(), known.value(), link.value(), ca.get(), parts.boxedSecrets()))
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

    /** The directory it brings, consistent under its root; trusted only after the fingerprint was typed in. */
    public Directory directory() {
        return directory;
    }

    Certificate enrolment() {
        return enrolment;
    }

    Certificate officeCa() {
        return officeCa;
    }

    Bytes boxedSecrets() {
        return boxedSecrets;
    }

    static boolean areP256(VerifyingKey one, VerifyingKey other) {
        return one.algorithm() == KeyAlgorithm.ECDSA_P256
                && other.algorithm() == KeyAlgorithm.ECDSA_P256
                && !one.equals(other);
    }

    /** What a client asks for: its new keys, each proven by a signature. */
    record Request(Address address, Bytes token, VerifyingKey signingKey, VerifyingKey tlsKey) {
        private static final String KIND = "enrol";

        private static Bytes text(Hash network, Address address, Bytes token, Bytes signingKey, Bytes tlsKey) {
            return StrictText.write(network, KIND)
                    .line("address", address)
                    .line("token", token.hex())
                    .line("signing-key", signingKey.hex())
                    .line("tls-key", tlsKey.hex())
                    .done();
        }

        static Bytes write(Hash network, Address address, Bytes token, OwnKey signingKey, OwnKey tlsKey) {
            Bytes text = text(network, address, token, signingKey.publicKeyInfo(), tlsKey.publicKeyInfo());
            return IdentityWire.write(
                    new IdentityWire.EnrolRequestParts(text, signingKey.sign(text), tlsKey.sign(text)));
        }

        static Result<Request> parse(Bytes request, Hash network) {
            return IdentityWire.parseEnrolRequest(request)
                    .then(parts -> StrictText.read(parts.text(), network, KIND, Limits.DIRECTORY_TEXT_BYTES_MAX)
                            .then(reader -> {
                                Address address = Texts.address(reader, "address");
                                Hash token = reader.hash("token");
                                Bytes signing = key(reader, "signing-key");
                                Bytes tls = key(reader, "tls-key");
                                return Texts.checked(
                                                reader,
                                                parts.text(),
                                                () -> token,
                                                value -> text(network, address, value.bytes(), signing, tls))
                                        .then(value -> VerifyingKey.parse(signing))
                                        .then(signer -> VerifyingKey.parse(tls)
                                                .then(link -> signer.verifies(parts.text(), parts.signingProof())
                                                                && link.verifies(parts.text(), parts.tlsProof())
                                                        ? Result.ok(new Request(address, token.bytes(), signer, link))
                                                        : invalid("the keys are not proven")));
                            }));
        }

        private static Bytes key(StrictText.Reader reader, String name) {
            String digits = reader.line(name);
            Bytes bytes = Bytes.parseHex(digits, digits.length() / 2);
            if (bytes == null) {
                reader.fail(name + " is a key in lower-case hexadecimal");
                return Bytes.empty();
            }
            return bytes;
        }
    }
}
