package lienthong.gateway.identity;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.directory.StrictWire;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.proto.wire.v1.ClientSecrets;
import lienthong.proto.wire.v1.EnrolAnswer;
import lienthong.proto.wire.v1.EnrolRequest;
import lienthong.proto.wire.v1.InvitationSecrets;

/** The protobuf form of invitations and enrolments. The only class of the room that knows generated types. */
final class IdentityWire {
    private static final int FORMAT = 1;
    private static final int SECRETS_BYTES_MAX = 64 * 1024;
    private static final int ENROL_BYTES_MAX = 64 * 1024;

    private IdentityWire() {}

    private static <T> Result<T> invalid(@CompileTimeConstant String detail, Object... arguments) {
        return invalid(Detail.of(detail, arguments));
    }

    private static <T> Result<T> invalid(Detail about) {
        return Result.no(ErrorCode.INVITATION_INVALID, about);
    }

    // ---- an office's invitation

    record InvitationParts(
            Bytes text,
            DoubleSignature signatures,
            Bytes boxedSecrets,
            SignedDirectory directory,
            List<Bytes> records) {}

    static Bytes write(InvitationParts parts) {
        var message = lienthong.proto.wire.v1.Invitation.newBuilder()
                .setFormat(FORMAT)
                .setText(StrictWire.string(parts.text))
                .setP384Signature(StrictWire.string(parts.signatures.ecdsa()))
                .setMldsa87Signature(StrictWire.string(parts.signatures.mlDsa()))
                .setBoxedSecrets(StrictWire.string(parts.boxedSecrets))
                .setDirectory(directory(parts.directory));
        for (Bytes record : parts.records) {
            message.addRecords(StrictWire.strict(
                            lienthong.proto.wire.v1.Record.parser(),
                            record,
                            Limits.DIRECTORY_RECORD_BYTES_MAX,
                            "record")
                    .orBug());
        }
        return StrictWire.bytes(message.build().toByteString());
    }

    private static lienthong.proto.wire.v1.SignedDirectory directory(SignedDirectory directory) {
        return StrictWire.strict(
                        lienthong.proto.wire.v1.SignedDirectory.parser(),
                        directory.toBytes(),
                        Limits.DIRECTORY_BYTES_MAX,
                        "directory")
                .orBug();
    }

    static Result<InvitationParts> parseInvitation(Bytes bytes) {
        var parsed = StrictWire.strict(
                lienthong.proto.wire.v1.Invitation.parser(), bytes, Limits.INVITATION_BYTES_MAX, "invitation");
        if (!(parsed instanceof Result.Ok<lienthong.proto.wire.v1.Invitation> ok)) {
            return invalid(parsed.refusal().about());
        }
        var message = ok.value();
        if (message.getFormat() == 0) {
            return invalid("{0}: cut short or not such a file", "invitation");
        }
        if (message.getFormat() != FORMAT) {
            return invalid("invitation of format {0}, this program reads format {1}", message.getFormat(), FORMAT);
        }
        if (!message.hasDirectory()
                || message.getText().size() > Limits.DIRECTORY_ENTRY_BYTES_MAX
                || message.getBoxedSecrets().size() > SECRETS_BYTES_MAX) {
            return invalid("a part is missing or above its limit");
        }
        List<Bytes> records = new ArrayList<>();
        message.getRecordsList().forEach(record -> records.add(StrictWire.bytes(record.toByteString())));
        return SignedDirectory.parse(StrictWire.bytes(message.getDirectory().toByteString()))
                .<Result<InvitationParts>>fold(
                        directory -> Result.ok(new InvitationParts(
                                StrictWire.bytes(message.getText()),
                                new DoubleSignature(
                                        StrictWire.bytes(message.getP384Signature()),
                                        StrictWire.bytes(message.getMldsa87Signature())),
                                StrictWire.bytes(message.getBoxedSecrets()),
                                directory,
                                records)),
                        refusal -> invalid(refusal.about()));
    }

    static Bytes writeSecrets(List<Bytes> caKeys) {
        return StrictWire.bytes(InvitationSecrets.newBuilder()
                .addAllCaKeys(StrictWire.strings(caKeys))
                .build()
                .toByteString());
    }

    static Result<List<Bytes>> parseSecrets(Bytes bytes) {
        var parsed = StrictWire.strict(InvitationSecrets.parser(), bytes, SECRETS_BYTES_MAX, "invitation");
        return parsed.fold(message -> Result.ok(StrictWire.list(message.getCaKeysList())), no -> invalid(no.about()));
    }

    // ---- a client's invitation

    record ClientInvitationParts(
            Bytes text, Bytes cms, List<Bytes> certificates, Bytes boxedSecrets, SignedDirectory directory) {}

    static Bytes write(ClientInvitationParts parts) {
        return StrictWire.bytes(lienthong.proto.wire.v1.ClientInvitation.newBuilder()
                .setFormat(FORMAT)
                .setText(StrictWire.string(parts.text))
                .setCms(StrictWire.string(parts.cms))
                .addAllCertificates(StrictWire.strings(parts.certificates))
                .setBoxedSecrets(StrictWire.string(parts.boxedSecrets))
                .setDirectory(directory(parts.directory))
                .build()
                .toByteString());
    }

    static Result<ClientInvitationParts> parseClientInvitation(Bytes bytes) {
        var parsed = StrictWire.strict(
                lienthong.proto.wire.v1.ClientInvitation.parser(),
                bytes,
                Limits.INVITATION_BYTES_MAX,
                "client invitation");
        if (!(parsed instanceof Result.Ok<lienthong.proto.wire.v1.ClientInvitation> ok)) {
            return invalid(parsed.refusal().about());
        }
        var message = ok.value();
        boolean fine = message.getFormat() == FORMAT
                && message.hasDirectory()
                && message.getCertificatesCount() == 2
                && message.getCertificatesList().stream()
                        .allMatch(certificate -> certificate.size() <= Limits.CERTIFICATE_BYTES_MAX)
                && message.getText().size() <= Limits.DIRECTORY_ENTRY_BYTES_MAX
                && message.getCms().size() <= Limits.CMS_BYTES_MAX
                && message.getBoxedSecrets().size() <= SECRETS_BYTES_MAX;
        if (!fine) {
            return invalid("a part is missing or above its limit, or of another format than {0}", FORMAT);
        }
        return SignedDirectory.parse(StrictWire.bytes(message.getDirectory().toByteString()))
                .<Result<ClientInvitationParts>>fold(
                        directory -> Result.ok(new ClientInvitationParts(
                                StrictWire.bytes(message.getText()),
                                StrictWire.bytes(message.getCms()),
                                StrictWire.list(message.getCertificatesList()),
                                StrictWire.bytes(message.getBoxedSecrets()),
                                directory)),
                        refusal -> invalid(refusal.about()));
    }

    /** What a client invitation's box holds. */
    record ClientSecretParts(Bytes enrolmentKey, Bytes token) {}

    static Bytes write(ClientSecretParts parts) {
        return StrictWire.bytes(ClientSecrets.newBuilder()
                .setEnrolmentKey(StrictWire.string(parts.enrolmentKey))
                .setToken(StrictWire.string(parts.token))
                .build()
                .toByteString());
    }

    static Result<ClientSecretParts> parseClientSecrets(Bytes bytes) {
        var parsed = StrictWire.strict(ClientSecrets.parser(), bytes, SECRETS_BYTES_MAX, "client invitation");
        return parsed.fold(
                message -> Result.ok(new ClientSecretParts(
                        StrictWire.bytes(message.getEnrolmentKey()), StrictWire.bytes(message.getToken()))),
                no -> invalid(no.about()));
    }

    // ---- enrolment

    record EnrolRequestParts(Bytes text, Bytes signingProof, Bytes tlsProof) {}

    static Bytes write(EnrolRequestParts parts) {
        return StrictWire.bytes(EnrolRequest.newBuilder()
                .setText(StrictWire.string(parts.text))
                .setSigningProof(StrictWire.string(parts.signingProof))
                .setTlsProof(StrictWire.string(parts.tlsProof))
                .build()
                .toByteString());
    }

    static Result<EnrolRequestParts> parseEnrolRequest(Bytes bytes) {
        var parsed = StrictWire.strict(EnrolRequest.parser(), bytes, ENROL_BYTES_MAX, "enrolment");
        return parsed.fold(
                message -> Result.ok(new EnrolRequestParts(
                        StrictWire.bytes(message.getText()),
                        StrictWire.bytes(message.getSigningProof()),
                        StrictWire.bytes(message.getTlsProof()))),
                no -> invalid(no.about()));
    }

    record EnrolAnswerParts(Bytes addressCertificate, Bytes tlsCertificate, Bytes caCertificate) {}

    static Bytes write(EnrolAnswerParts parts) {
        return StrictWire.bytes(EnrolAnswer.newBuilder()
                .setAddressCertificate(StrictWire.string(parts.addressCertificate))
                .setTlsCertificate(StrictWire.string(parts.tlsCertificate))
                .setCaCertificate(StrictWire.string(parts.caCertificate))
                .build()
                .toByteString());
    }

    static Result<EnrolAnswerParts> parseEnrolAnswer(Bytes bytes) {
        var parsed = StrictWire.strict(EnrolAnswer.parser(), bytes, ENROL_BYTES_MAX, "enrolment answer");
        return parsed.fold(
                message -> Result.ok(new EnrolAnswerParts(
                        StrictWire.bytes(message.getAddressCertificate()),
                        StrictWire.bytes(message.getTlsCertificate()),
                        StrictWire.bytes(message.getCaCertificate()))),
                no -> invalid(no.about()));
    }
}
