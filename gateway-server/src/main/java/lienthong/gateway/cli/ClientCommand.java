package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lienthong.proto.operator.v1.IssueClientInvitationRequest;
import lienthong.proto.operator.v1.IssueClientInvitationResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client}: embedded clients of this node. */
@Command(name = "client", subcommands = ClientCommand.Invite.class)
final class ClientCommand extends GroupCommand {
    /** {@code client invite ADDRESS --out FILE}. */
    @Command(name = "invite")
    static final class Invite extends GatewayCommand {
        @Parameters(paramLabel = "ADDRESS", descriptionKey = "client.invite.address")
        private String address = "";

        @Option(names = "--dial", paramLabel = "HOST:PORT", split = ",", descriptionKey = "client.invite.dial")
        private List<String> dial = List.of();

        @Option(names = "--out", paramLabel = "FILE", required = true, descriptionKey = "invite.out")
        private String out = "";

        @Override
        Json perform(Root root) throws Refused, IOException {
            Path path = root.output(out);
            IssueClientInvitationResponse answer;
            try (Daemon daemon = Daemon.of(root)) {
                answer = daemon.operator()
                        .issueClientInvitation(IssueClientInvitationRequest.newBuilder()
                                .setAddress(address)
                                .addAllDial(dial)
                                .build());
            }
            if (answer.hasRefused()) {
                throw new Refused(Words.refusal(answer.getRefused()));
            }
            try (NewFile file = NewFile.create(path)) {
                file.write(answer.getInvitation().getFile().asReadOnlyByteBuffer());
                file.commit();
            }
            root.say(
                    "client.invited",
                    address,
                    path,
                    Words.local(answer.getInvitation().getExpiresAt()));
            root.say("invite.code", answer.getInvitation().getCode());
            return Json.object()
                    .put("address", address)
                    .put("file", path.toString())
                    .put("code", answer.getInvitation().getCode())
                    .put("expires_at", Words.utc(answer.getInvitation().getExpiresAt()));
        }
    }
}
