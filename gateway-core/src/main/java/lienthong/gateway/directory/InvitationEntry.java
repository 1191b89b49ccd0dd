package lienthong.gateway.directory;

import java.time.Instant;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * That an invitation is out: which office may join, with which CA, until when. Stays in the directory as the record of who was let in.
 *
 * @param number random, names the invitation
 * @param organisation who may join
 * @param ca SHA-256 of the CA certificate the invitation brings
 * @param issued when it was made
 * @param expires when it can no longer be used
 */
public record InvitationEntry(Hash number, OrganisationId organisation, Hash ca, Instant issued, Instant expires)
        implements DirectoryEntry {
    static final String KIND = "invitation-issued";

    @Override
    public String entryKey() {
        return KIND + " " + number + " " + organisation;
    }

    @Override
    public Bytes text(Hash network) {
        return StrictText.write(network, KIND)
                .line("number", number)
                .line("organisation", organisation)
                .line("ca", ca)
                .line("issued", StrictText.time(issued))
                .line("expires", StrictText.time(expires))
                .done();
    }

    static Result<InvitationEntry> parse(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                .then(reader -> {
                    Hash number = reader.hash("number");
                    OrganisationId organisation = Texts.organisation(reader, "organisation");
                    Hash ca = reader.hash("ca");
                    Instant issued = reader.time("issued");
                    Instant expires = reader.time("expires");
                    if (!issued.isBefore(expires)) {
                        reader.fail("expires before it is issued");
                    }
                    return Texts.checked(
                            reader,
                            text,
                            () -> new InvitationEntry(number, organisation, ca, issued, expires),
                            entry -> entry.text(network));
                });
    }
}
