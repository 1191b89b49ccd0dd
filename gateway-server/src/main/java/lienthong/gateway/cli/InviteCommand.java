package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code invite}: one file for one office's node, useless without the code that goes by telephone. */
@Command(name = "invite")
final class InviteCommand extends GatewayCommand {
    @Parameters(paramLabel = "ORG", descriptionKey = "invite.org")
    private String office = "";

    @Option(names = "--dial", paramLabel = "HOST:PORT", split = ",", descriptionKey = "invite.dial")
    private List<String> dial = List.of();

    @Option(names = "--out", paramLabel = "FILE", required = true, descriptionKey = "invite.out")
    private String out = "";

    @Option(names = "--days", paramLabel = "N", descriptionKey = "invite.days")
    private int days = 14;

    @Option(names = "--contact", paramLabel = "TEXT", descriptionKey = "invite.contact")
    private @Nullable String contact;

    @Mixin
    private final AuthorityFolder folder = new AuthorityFolder();

    @Override
    Json perform(Root root) throws Refused, IOException {
        OrganisationId code = Refused.unless(OrganisationId.parse(office));
        Path path = root.output(out);
        List<DialAddress> places = new ArrayList<>();
        for (String place : dial) {
            places.add(Refused.unless(DialAddress.parse(place)));
        }
        try (Authority authority = folder.open(root)) {
            Authority.Invited invited;
            // The file is made first: a directory that lists an invitation nobody holds would be signed for nothing.
            try (NewFile file = NewFile.create(path)) {
                invited = Refused.unless(authority.invite(code, places, days, Optional.ofNullable(contact)));
                file.write(invited.file().asBuffer());
                file.commit();
            }
            String expires = StrictText.time(invited.facts().expires());
            root.say("invite.done", code, path, Words.local(invited.facts().expires()));
            boolean hasParent = authority
                    .directory()
                    .node(code)
                    .map(node -> !node.parents().isEmpty())
                    .orElse(false);
            if (places.isEmpty() && hasParent) {
                root.say("invite.no-dial", code);
            }
            root.say("invite.code", invited.code());
            NetworkCommand.sayFingerprint(root, authority);
            return Json.object()
                    .put("node", code.text())
                    .put("file", path.toString())
                    .put("code", invited.code())
                    .put("words", authority.root().words())
                    .put("digits", authority.root().digits())
                    .put("expires_at", expires)
                    .put("directory_version", authority.directory().version().number());
        }
    }
}
