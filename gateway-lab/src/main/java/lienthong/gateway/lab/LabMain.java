package lienthong.gateway.lab;

import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.lab.bench.BenchCommand;
import lienthong.gateway.lab.demo.DemoCommand;
import lienthong.gateway.lab.proof.ProofCommand;

/** Entry of the launcher for whatever runs a whole network; everything else goes to the gateway's own commands. */
public final class LabMain {
    private LabMain() {}

    @SuppressWarnings("SystemExitOutsideMain") // the entry point decides the exit code
    public static void main(String[] arguments) {
        List<String> rest = new ArrayList<>(List.of(arguments));
        String command = takeCommand(rest);
        String[] options = rest.toArray(String[]::new);
        switch (command) {
            case "demo" -> System.exit(DemoCommand.run(options));
            case "bench" -> System.exit(BenchCommand.run(options));
            case "proof" -> System.exit(ProofCommand.run(options));
            case "help" -> help(rest, arguments);
            default -> lienthong.gateway.main.Main.main(arguments);
        }
    }

    /** {@code help demo}, {@code help bench} and {@code help proof}; every other help is the product's own. */
    private static void help(List<String> rest, String[] arguments) {
        String about = takeCommand(rest);
        rest.add("--help");
        String[] options = rest.toArray(String[]::new);
        switch (about) {
            case "demo" -> System.exit(DemoCommand.run(options));
            case "bench" -> System.exit(BenchCommand.run(options));
            case "proof" -> System.exit(ProofCommand.run(options));
            default -> lienthong.gateway.main.Main.main(arguments);
        }
    }

    /** The first word that is neither an option nor the value of one, taken out of the list; as the launcher finds it. */
    static String takeCommand(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--lang") || argument.equals("--data")) {
                i++;
            } else if (!argument.startsWith("-")) {
                return arguments.remove(i);
            }
        }
        return "";
    }
}
