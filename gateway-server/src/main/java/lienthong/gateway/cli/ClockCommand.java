package lienthong.gateway.cli;

import java.time.Instant;
import lienthong.gateway.message.StrictText;
import picocli.CommandLine.Command;

/** {@code clock}: what an operator decides about time. */
@Command(
        name = "clock",
        subcommands = {ClockCommand.Accept.class})
final class ClockCommand extends GroupCommand {
    /** {@code clock accept}: the machine's clock is right, an earlier one ran ahead. */
    @Command(name = "accept")
    static final class Accept extends GatewayCommand {
        @Override
        Json perform(Root root) throws Refused {
            Instant now = root.surroundings().clock().now();
            Instant signed = Refused.unless(root.surroundings().folders().acceptClock(root.data()));
            root.say(signed.isAfter(now) ? "clock.accepted" : "clock.right", Words.local(signed));
            return Json.object().put("signed_until", StrictText.time(signed)).put("accepted", signed.isAfter(now));
        }
    }
}
