package lienthong.gateway.cli;

import java.util.concurrent.Callable;
import lienthong.gateway.message.ErrorCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that only has subcommands: alone it is not a command. */
abstract class GroupCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before any method of ours runs.
    private CommandSpec spec;

    @Override
    public final Integer call() throws Refused {
        throw new Refused(
                ErrorCode.USAGE,
                "{0}: one of {1}",
                spec.name(),
                String.join("|", spec.subcommands().keySet()));
    }
}
