package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that works with the network authority's folder, and opening it. */
final class AuthorityFolder {
    @Option(names = "--dir", paramLabel = "DIR", required = true, descriptionKey = "network.dir")
    private String dir = "";

    @Option(names = "--passphrase-file", paramLabel = "FILE", descriptionKey = "network.passphrase-file")
    private @Nullable String passphraseFile;

    Path path(Root root) {
        return root.path(dir);
    }

    @Nullable
    String passphraseFile() {
        return passphraseFile;
    }

    /** Opens it with the passphrase; closed by the caller. */
    Authority open(Root root) throws Refused, IOException {
        Path folder = path(root);
        if (!Files.isDirectory(folder)) {
            throw new Refused(ErrorCode.NO_INPUT, "folder {0}", folder);
        }
        char[] passphrase = SecretInput.read(root, passphraseFile, "--passphrase-file", "ask.passphrase");
        try {
            Result<Authority> authority = Authority.open(
                    passphrase,
                    RealDisk.at(folder),
                    root.surroundings().randomness(),
                    root.surroundings().clock());
            return Refused.unless(authority);
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }
}
