package lienthong.gateway.directory;

import java.time.Instant;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * That something is not to be trusted any more. A later directory never drops one: their count is the network's revocation number.
 *
 * @param what whose hash it is
 * @param hash SHA-256 of the certificate, of the CA's certificate, or of the invitation's text
 * @param holder the office concerned
 * @param time from when on, by the authority
 * @param reason why
 */
public record RevocationEntry(What what, Hash hash, OrganisationId holder, Instant time, Reason reason)
        implements DirectoryEntry {
    static final String KIND = "revocation";

    /** Whose hash it is. */
    public enum What {
        CERTIFICATE,
        CA,
        INVITATION
    }

    /** Why; the words of RFC 5280 §5.3.1 that fit an office. */
    public enum Reason {
        UNSPECIFIED(0),
        KEY_COMPROMISE(1),
        AFFILIATION_CHANGED(3),
        SUPERSEDED(4),
        CESSATION_OF_OPERATION(5);

        private final int number;

        Reason(int number) {
            this.number = number;
        }

        /** As in a revocation list. */
        public int number() {
            return number;
        }
    }

    @Override
    public String entryKey() {
        return KIND + " " + Texts.wordOf(what) + " " + hash;
    }

    @Override
    public Bytes text(Hash network) {
        return StrictText.write(network, KIND)
                .line("of", Texts.wordOf(what) + " " + hash)
                .line("holder", holder)
                .line("time", StrictText.time(time))
                .line("reason", Texts.wordOf(reason))
                .done();
    }

    static Result<RevocationEntry> parse(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                .then(reader -> {
                    String[] words = reader.line("of").split(" ", -1);
                    if (words.length != 2) {
                        reader.fail("of is a word and a hash");
                        words = new String[] {"certificate", ""};
                    }
                    What what = Texts.word(reader, "of", What.class, words[0]);
                    Hash hash = reader.parseHash("of", words[1]);
                    OrganisationId holder = Texts.organisation(reader, "holder");
                    Instant time = reader.time("time");
                    Reason reason = Texts.word(reader, "reason", Reason.class, reader.line("reason"));
                    return Texts.checked(
                            reader,
                            text,
                            () -> new RevocationEntry(what, hash, holder, time, reason),
                            entry -> entry.text(network));
                });
    }
}
