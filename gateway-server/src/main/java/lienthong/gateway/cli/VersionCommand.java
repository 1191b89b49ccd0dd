package lienthong.gateway.cli;

import picocli.CommandLine.Command;

/** {@code version}. */
@Command(name = "version")
final class VersionCommand extends GatewayCommand {
    @Override
    Json perform(Root root) {
        String version = root.surroundings().version();
        String java = String.valueOf(Runtime.version());
        root.words().println("lienthong " + version + " (Java " + java + ")");
        return Json.object().put("version", version).put("java", java);
    }
}
