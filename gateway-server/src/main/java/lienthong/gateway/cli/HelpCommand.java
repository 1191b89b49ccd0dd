package lienthong.gateway.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.text.Nearest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help}: every command in a line, or one of them in full. */
@Command(name = "help")
final class HelpCommand extends GatewayCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before any method of ours runs.
    private CommandSpec self;

    @Parameters(paramLabel = "COMMAND", arity = "0..*", descriptionKey = "help.command")
    private List<String> words = List.of();

    @Override
    Json perform(Root root) throws Refused {
        CommandLine command = self.root().commandLine();
        for (String word : words) {
            CommandLine next = command.getSubcommands().get(word);
            if (next == null) {
                throw new Refused(
                        ErrorCode.USAGE,
                        Nearest.of(word, command.getSubcommands().keySet())
                                .map(near -> Detail.of("{0}; did you mean {1}?", word, near))
                                .orElse(Detail.of(
                                        "{0}; known are {1}",
                                        word,
                                        String.join(
                                                " ", command.getSubcommands().keySet()))));
            }
            command = next;
        }
        StringWriter text = new StringWriter();
        if (words.isEmpty()) {
            PrintWriter out = new PrintWriter(text);
            print(root, command, out);
            out.flush();
        } else {
            command.usage(new PrintWriter(text, true), CommandLine.Help.Ansi.OFF);
        }
        root.words().print(text);
        return Json.object().put("help", text.toString());
    }

    /** A text about commands: in words, with {@code --json} as the object that every command ends with. */
    static void say(Root root, String text) {
        root.words().print(text);
        root.words().flush();
        if (root.json) {
            root.out().println(Json.object().put("ok", true).put("help", text));
            root.out().flush();
        }
    }

    /** The overview; the launcher adds what runs a whole network. */
    static void print(Root root, PrintWriter out) {
        out.println(root.text("help.usage"));
        out.println(root.text("help.more"));
    }

    private static void print(Root root, CommandLine command, PrintWriter out) {
        print(root, out);
        Table table = new Table("", "");
        for (Map.Entry<String, CommandLine> one : command.getSubcommands().entrySet()) {
            String[] description =
                    one.getValue().getCommandSpec().usageMessage().description();
            table.row("  " + one.getKey(), description.length == 0 ? "" : description[0]);
        }
        table.print(out);
    }
}
