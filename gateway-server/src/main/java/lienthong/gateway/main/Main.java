package lienthong.gateway.main;

import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;

/** {@code lienthong}: one command, then the end of the process with its exit code. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(CommandProcess.run(arguments, new NodeProcess(Clock.real(), Randomness.real())));
    }
}
