package lienthong.gateway.identity;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CertificateChain;
import lienthong.gateway.crypto.KeyAlgorithm;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * An embedded client on its way to an identity: keys in memory, a request for its node, and, once the node has answered, a folder of keys.
 * Nothing is written before the answer.
 */
public final class ClientEnrolment {
    private final ClientInvitation invitation;
    private final OwnKey enrolmentKey;
    private final OwnKey signingKey;
    private final OwnKey tlsKey;
    private final Bytes request;
    private final Randomness randomness;

    private ClientEnrolment(
            ClientInvitation invitation,
            OwnKey enrolmentKey,
            OwnKey signingKey,
            OwnKey tlsKey,
            Bytes request,
            Randomness randomness) {
        this.invitation = invitation;
        this.enrolmentKey = enrolmentKey;
        this.signingKey = signingKey;
        this.tlsKey = tlsKey;
        this.request = request;
        this.randomness = randomness;
    }

    /**
     * Opens a client invitation and makes the client's keys.
     *
     * @param fingerprint the network's, 12 words or 40 digits as typed
     * @return INVITATION_INVALID, FINGERPRINT_REJECTED, PASSPHRASE_WRONG for a wrong code
     */
    public static Result<ClientEnrolment> begin(
            Bytes file, String code, String fingerprint, Randomness randomness, Instant now) {
        return ClientInvitation.read(file).then(invitation -> {
            if (!invitation.directory().root().spoken().matches(fingerprint)) {
                return Result.no(
                        ErrorCode.FINGERPRINT_REJECTED,
                        "what was typed is not the fingerprint of the network {0}{1}",
                        invitation.directory().root().name(),
                        Detail.of("; ask your office"));
            }
            Instant expires = invitation.facts().expires();
            if (!now.isBefore(expires)) {
                return Result.no(
                        ErrorCode.INVITATION_INVALID,
                        "out of date since {0}; ask your office for another",
                        StrictText.time(expires));
            }
            char[] passphrase = SpokenCode.normal(code);
            Result<SecretBytes> opened =
                    PassphraseBox.open(ClientInvitation.BOX_PURPOSE, invitation.boxedSecrets(), passphrase);
            Arrays.fill(passphrase, ' ');
            if (!(opened instanceof Result.Ok<SecretBytes> secrets)) {
                return Result.no(ErrorCode.PASSPHRASE_WRONG, "the code is not that of this invitation");
            }
            return IdentityWire.parseClientSecrets(Secrets.reveal(secrets.value()))
                    .then(parts -> OwnKey.decode(Secrets.of(parts.enrolmentKey()))
                            .map(enrolmentKey -> of(invitation, enrolmentKey, parts.token(), randomness)));
        });
    }

    private static ClientEnrolment of(
            ClientInvitation invitation, OwnKey enrolmentKey, Bytes token, Randomness randomness) {
        OwnKey signingKey = OwnKey.generate(KeyAlgorithm.ECDSA_P256, randomness);
        OwnKey tlsKey = OwnKey.generate(KeyAlgorithm.ECDSA_P256, randomness);
        Bytes request = ClientInvitation.Request.write(
                invitation.facts().network(), invitation.facts().address(), token, signingKey, tlsKey);
        return new ClientEnrolment(invitation, enrolmentKey, signingKey, tlsKey, request, randomness);
    }

    /** The mailbox the client will be. */
    public Address address() {
        return invitation.facts().address();
    }

    /** The node to find at the other end. */
    public OrganisationId node() {
        return invitation.facts().node();
    }

    public List<DialAddress> dial() {
        return invitation.facts().dial();
    }

    /** For judging the node's certificate. */
    public Directory directory() {
        return invitation.directory();
    }

    /** What the client shows in its one enrolment session. */
    public TlsKey tls() {
        return new TlsKey(
                Secrets.jdk(enrolmentKey),
                List.of(invitation.enrolment().der(), invitation.officeCa().der()));
    }

    /** For the link's enrolment frame; the same on every try. */
    public Bytes request() {
        return request;
    }

    /**
     * Takes the node's answer and writes the client's folder of keys.
     *
     * @param state the client's state folder
     * @return INVITATION_INVALID when the answer is not for these keys; OUTPUT_EXISTS when the folder holds somebody's keys
     */
    public Result<ClientKeys> complete(Bytes answer, Disk state, Protection protection, Instant now) {
        return IdentityWire.parseEnrolAnswer(answer)
                .then(parts -> Certificate.parse(parts.addressCertificate())
                        .then(address -> Certificate.parse(parts.tlsCertificate())
                                .then(tls -> refusal(address, tls, now)
                                        .<Result<ClientKeys>>map(Result::no)
                                        .orElseGet(() -> ClientKeys.create(
                                                state,
                                                protection,
                                                invitation,
                                                signingKey,
                                                address,
                                                tlsKey,
                                                tls,
                                                now,
                                                randomness)))));
    }

    private Optional<Refusal> refusal(Certificate address, Certificate tls, Instant now) {
        Optional<Certificate> root = Optional.of(invitation.directory().rootCa());
        boolean ours = address.publicKey().equals(signingKey.publicKey())
                && tls.publicKey().equals(tlsKey.publicKey())
                && address.commonName().filter(("address " + address())::equals).isPresent()
                && tls.commonName().filter(("client TLS " + address())::equals).isPresent()
                && CertificateChain.validate(address, invitation.officeCa(), root, now)
                        .isOk()
                && CertificateChain.validate(tls, invitation.officeCa(), root, now)
                        .isOk();
        return ours
                ? Optional.empty()
                : Optional.of(Refusal.of(ErrorCode.INVITATION_INVALID, "the node's answer is not for these keys"));
    }

    /** The directory to start with. */
    public SignedDirectory signedDirectory() {
        return invitation.directory().signed();
    }
}
