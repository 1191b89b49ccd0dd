package lienthong.gateway.lab.proof.office;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Which message id the node gave to which client id, a line each: what a record that the node sets aside is known by. Used by one thread. */
final class Ids {
    private final Writer file;

    private Ids(Writer file) {
        this.file = file;
    }

    static Ids append(Path path) throws IOException {
        return new Ids(Files.newBufferedWriter(
                path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    void write(String line) throws IOException {
        file.write(line);
        file.flush();
    }
}
