package lienthong.gateway.identity;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.directory.CertificateRecord;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryRecord;
import lienthong.gateway.directory.DirectoryVerifier;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * An office joins: from a file, a code heard over the telephone and a fingerprint typed as heard, it makes all its keys. On any refusal no key
 * was made and the folder is as it was.
 */
public final class Join {
    static final String BOX_PURPOSE = "office CA keys";
    private static final String USED_PREFIX = "used-invitation-";
    private static final int NUMBER_CHARS = 16;
    /** How far this machine's clock may be behind the authority's. */
    private static final Duration CLOCK_SLACK = Duration.ofDays(1);

    private Join() {}

    /**
     * What the operator brings.
     *
     * @param file the invitation
     * @param code as typed
     * @param fingerprint 12 words or 40 digits as typed, heard from the authority and not from the file's bearer
     * @param protection of the new keys
     * @param expected the office it should be for, if the operator says so
     * @param newest a newer directory and records that this machine has, for instance from {@code directory import}; usually none
     */
    public record Request(
            Bytes file,
            String code,
            String fingerprint,
            Protection protection,
            Optional<OrganisationId> expected,
            Newest newest) {
        /** With nothing but what was carried and heard. */
        public static Request of(Bytes file, String code, String fingerprint, Protection protection) {
            return new Request(file, code, fingerprint, protection, Optional.empty(), Newest.none());
        }
    }

    /** What is known beside the invitation. */
    public record Newest(Optional<SignedDirectory> directory, List<Bytes> records) {
        public Newest {
            records = List.copyOf(records);
        }

        public static Newest none() {
            return new Newest(Optional.empty(), List.of());
        }
    }

    /**
     * What came of it.
     *
     * @param keys the node's new keys
     * @param directory the directory to start with
     * @param records to start with: the authority's and the node's own
     * @param dial where to dial: goes into the configuration
     */
    public record Joined(NodeKeys keys, SignedDirectory directory, List<Bytes> records, List<DialAddress> dial) {
        public Joined {
            records = List.copyOf(records);
            dial = List.copyOf(dial);
        }
    }

    /**
     * Joins.
     *
     * @param data the node's data folder, empty or not yet joined
     * @return INVITATION_INVALID (cut short, altered, out of date, revoked, for another office); FINGERPRINT_REJECTED; INVITATION_USED;
     *     OTHER_NETWORK or OUTPUT_EXISTS when the folder holds somebody's keys; PASSPHRASE_WRONG for a wrong code; CLOCK_BEHIND
     */
    public static Result<Joined> join(Request request, Disk data, Randomness randomness, Clock clock) {
        Instant now = clock.now().truncatedTo(ChronoUnit.MILLIS);
        return Invitation.read(request.file)
                .then(invitation -> refusal(request, invitation, data, now)
                        .<Result<Joined>>map(Result::no)
                        .orElseGet(() -> openCas(request, invitation, randomness)
                                .map(cas -> make(request, invitation, cas, data, now, randomness))));
    }

    private static Optional<Refusal> refusal(Request request, Invitation invitation, Disk data, Instant now) {
        Invitation.Facts facts = invitation.facts();
        Detail call = facts.contact()
                .map(who -> Detail.of("; telephone {0}", who))
                .orElse(Detail.of("; telephone whoever invited you"));
        if (!invitation.root().spoken().matches(request.fingerprint)) {
            return no(
                    ErrorCode.FINGERPRINT_REJECTED,
                    "what was typed is not the fingerprint of the network {0}{1}",
                    invitation.root().name(),
                    call);
        }
        if (request.expected.filter(office -> !office.equals(facts.node())).isPresent()) {
            return no(
                    ErrorCode.INVITATION_INVALID,
                    "it is for {0}, not for {1}{2}",
                    facts.node(),
                    request.expected.get(),
                    call);
        }
        try {
            Optional<Refusal> taken = folder(data, facts, call);
            if (taken.isPresent()) {
                return taken;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!now.isBefore(facts.expires())) {
            return no(ErrorCode.INVITATION_INVALID, "out of date since {0}{1}", StrictText.time(facts.expires()), call);
        }
        if (now.isBefore(facts.issued().minus(CLOCK_SLACK))) {
            // Certificates made now would have ended before anybody sees them.
            return no(
                    ErrorCode.CLOCK_BEHIND,
                    "this machine says {0}, the invitation was made {1}: set the clock",
                    StrictText.time(now),
                    StrictText.time(facts.issued()));
        }
        List<Directory> known = new ArrayList<>(List.of(invitation.directory()));
        if (request.newest.directory.isPresent()) {
            Result<Directory> newer = DirectoryVerifier.verifyStored(request.newest.directory.get(), invitation.root());
            if (newer instanceof Result.No<Directory> bad) {
                return Optional.of(bad.refusal());
            }
            known.add(newer.orBug());
        }
        for (Directory directory : known) {
            if (directory.isRevoked(facts.number())
                    || facts.offices().values().stream().anyMatch(directory::isRevoked)) {
                return no(ErrorCode.INVITATION_INVALID, "the authority has taken it back{0}", call);
            }
        }
        List<Bytes> records = new ArrayList<>(invitation.records());
        records.addAll(request.newest.records);
        return records.stream().anyMatch(record -> isKeySetOf(record, invitation))
                ? no(ErrorCode.INVITATION_USED, "{0} has joined with it already{1}", facts.node(), call)
                : Optional.empty();
    }

    private static Optional<Refusal> folder(Disk data, Invitation.Facts facts, Detail call) throws IOException {
        if (data.exists(usedFile(facts))) {
            return no(ErrorCode.INVITATION_USED, "used in this folder already{0}", call);
        }
        Optional<Bytes> identity = KeyFolder.read(data, NodeKeys.FOLDER + "/" + IdentityText.FILE);
        if (identity.isEmpty()) {
            return Optional.empty();
        }
        return IdentityText.parse(identity.get())
                .fold(
                        who -> {
                            if (who.invitation().equals(facts.number())) {
                                return no(ErrorCode.INVITATION_USED, "used in this folder already{0}", call);
                            }
                            return who.network().equals(facts.network())
                                    ? no(ErrorCode.OUTPUT_EXISTS, "this folder holds the keys of {0}", who.node())
                                    : no(
                                            ErrorCode.OTHER_NETWORK,
                                            "this folder holds keys of another network, of {0}",
                                            who.node());
                        },
                        damaged -> no(ErrorCode.OUTPUT_EXISTS, "this folder holds somebody's keys"));
    }

    private static boolean isKeySetOf(Bytes record, Invitation invitation) {
        return DirectoryRecord.parse(record, invitation.root().fingerprint())
                .fold(
                        parsed -> parsed instanceof CertificateRecord certificate
                                && invitation
                                        .directory()
                                        .caOf(certificate.holder().organisation())
                                        .filter(ca ->
                                                invitation.facts().offices().containsValue(ca.hash()))
                                        .filter(certificate.certificate()::isSignedBy)
                                        .isPresent(),
                        no -> false);
    }

    private static Result<List<OfficeCa>> openCas(Request request, Invitation invitation, Randomness randomness) {
        char[] code = SpokenCode.normal(request.code);
        Result<SecretBytes> opened = PassphraseBox.open(BOX_PURPOSE, invitation.boxedSecrets(), code);
        Arrays.fill(code, ' ');
        if (!(opened instanceof Result.Ok<SecretBytes> secrets)) {
            return Result.no(ErrorCode.PASSPHRASE_WRONG, "the code is not that of this invitation");
        }
        return IdentityWire.parseSecrets(Secrets.reveal(secrets.value())).then(keys -> {
            List<OrganisationId> offices =
                    List.copyOf(invitation.facts().offices().keySet());
            List<OfficeCa> cas = new ArrayList<>();
            for (int i = 0; i < offices.size() && i < keys.size(); i++) {
                Certificate certificate =
                        invitation.directory().caOf(offices.get(i)).orElseThrow();
                Result<OwnKey> key = OwnKey.decode(Secrets.of(keys.get(i)));
                if (key instanceof Result.Ok<OwnKey> ok
                        && ok.value().publicKey().equals(certificate.publicKey())) {
                    cas.add(new OfficeCa(offices.get(i), certificate, ok.value(), randomness));
                }
            }
            return cas.size() == offices.size() && keys.size() == offices.size()
                    ? Result.ok(cas)
                    : Result.no(ErrorCode.INVITATION_INVALID, "its keys are not those of the CAs it names");
        });
    }

    private static Joined make(
            Request request, Invitation invitation, List<OfficeCa> cas, Disk data, Instant now, Randomness randomness) {
        NodeKeys keys = NodeKeys.create(data, request.protection, invitation, cas, now, randomness);
        try {
            KeyFolder.write(
                    data, "", usedFile(invitation.facts()), invitation.facts().text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Bytes> records = new ArrayList<>(invitation.records());
        records.addAll(keys.records());
        return new Joined(
                keys, invitation.signedDirectory(), records, invitation.facts().dial());
    }

    private static String usedFile(Invitation.Facts facts) {
        return USED_PREFIX + facts.number().hex().substring(0, NUMBER_CHARS) + ".txt";
    }

    private static Optional<Refusal> no(ErrorCode reason, @CompileTimeConstant String detail, Object... arguments) {
        return Optional.of(Refusal.of(reason, Detail.of(detail, arguments)));
    }
}
