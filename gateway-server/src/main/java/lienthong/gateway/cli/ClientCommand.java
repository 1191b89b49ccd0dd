package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lienthong.proto.operator.v1.ClientsRevoked;
import lienthong.proto.operator.v1.IssueClientInvitationRequest;
import lienthong.proto.operator.v1.IssueClientInvitationResponse;
import lienthong.proto.operator.v1.RevokeClientsRequest;
import lienthong.proto.operator.v1.RevokeClientsResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code client}: embedded clients of this node. */
@Command(
        name = "client",
        subcommands = {ClientCommand.Invite.class, ClientCommand.Revoke.class})
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

    /** {@code client revoke ADDRESS}. */
    @Command(name = "revoke")
    static final class Revoke extends GatewayCommand {
        @Parameters(paramLabel = "ADDRESS", descriptionKey = "client.revoke.address")
        private String address = "";

        @Override
        Json perform(Root root) throws Refused {
            RevokeClientsResponse answer;
            try (Daemon daemon = Daemon.of(root)) {
                answer = daemon.operator()
                        .revokeClients(RevokeClientsRequest.newBuilder()
                                .setAddress(address)
                                .build());
            }
            if (answer.hasRefused()) {
                throw new Refused(Words.refusal(answer.getRefused()));
            }
            ClientsRevoked revoked = answer.getRevoked();
            root.say("client.revoked", address, revoked.getCertificates(), revoked.getInvitations());
            return Json.object()
                    .put("address", address)
                    .put("certificates", revoked.getCertificates())
                    .put("invitations", revoked.getInvitations());
        }
    }
}
