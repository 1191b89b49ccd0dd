package lienthong.gateway.identity;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.directory.Texts;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * The file that makes a folder of keys an identity: written last, so that without it there is none. Says what an operator may want to know
 * with {@code cat}.
 *
 * @param network fingerprint
 * @param node the node: own, or the one that serves this client
 * @param offices the offices whose CA keys lie here; none for a client
 * @param client the client's address
 * @param incarnation of the key set
 * @param invitation names the invitation used
 * @param passphrase whether one protects the keys; otherwise file modes alone do
 * @param joined when, claimed
 */
record IdentityText(
        Hash network,
        OrganisationId node,
        List<OrganisationId> offices,
        Optional<Address> client,
        Incarnation incarnation,
        Hash invitation,
        boolean passphrase,
        Instant joined) {
    static final String FILE = "identity.txt";
    private static final String KIND = "identity";
    private static final int OFFICES_MAX = 64;

    IdentityText {
        offices = List.copyOf(offices);
    }

    IdentityText withIncarnation(Incarnation other) {
        return new IdentityText(network, node, offices, client, other, invitation, passphrase, joined);
    }

    Bytes text() {
        return StrictText.write(network, KIND)
                .line("node", node)
                .lines("office", offices)
                .line("client", client)
                .line("incarnation", incarnation)
                .line("invitation", invitation)
                .line("protection", passphrase ? "passphrase" : "file-modes")
                .line("joined", StrictText.time(joined))
                .done();
    }

    static Result<IdentityText> parse(Bytes text) {
        return StrictText.read(text, null, KIND, Limits.DIRECTORY_TEXT_BYTES_MAX)
                .then(reader -> {
                    Hash network = reader.network();
                    if (network == null) {
                        reader.fail("line 1: no network");
                        network = Hash.of(text);
                    }
                    Hash of = network;
                    OrganisationId node = Texts.organisation(reader, "node");
                    List<OrganisationId> offices = Texts.organisations(reader, "office", 0, OFFICES_MAX);
                    Optional<Address> client = reader.optional("client")
                            .flatMap(line -> Address.parse(line).fold(Optional::of, no -> {
                                reader.fail("client is an address");
                                return Optional.empty();
                            }));
                    Incarnation incarnation = Texts.incarnation(reader, "incarnation");
                    Hash invitation = reader.hash("invitation");
                    String protection = reader.line("protection");
                    Instant joined = reader.time("joined");
                    return Texts.checked(
                            reader,
                            text,
                            () -> new IdentityText(
                                    of,
                                    node,
                                    offices,
                                    client,
                                    incarnation,
                                    invitation,
                                    protection.equals("passphrase"),
                                    joined),
                            IdentityText::text);
                });
    }
}
