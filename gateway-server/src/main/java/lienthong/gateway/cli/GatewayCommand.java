package lienthong.gateway.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command: does its work, gives its result as an object, and says it in words unless {@code --json} asked for the object alone. */
abstract class GatewayCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before any method of ours runs.
    private CommandSpec spec;

    /** The command's work. */
    abstract Json perform(Root root) throws Refused, IOException, InterruptedException;

    @Override
    public final Integer call() throws Refused, IOException, InterruptedException {
        Root root = root();
        Json result = perform(root);
        if (root.json) {
            root.out().println(Json.object().put("ok", true).putAll(result));
            root.out().flush();
        }
        return exitCode();
    }

    /** Exit code after {@link #perform} came back; commands that judge something answer with what they found. */
    int exitCode() {
        return 0;
    }

    final Root root() {
        return (Root) spec.root().userObject();
    }
}
