package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A node's data folder as a whole: what people do with one. Its node does not run meanwhile. */
final class Folders {
    private Folders() {}

    /** Removes it with all that is in it. */
    static void delete(Path folder) throws IOException {
        for (Path one : tree(folder, Comparator.reverseOrder())) {
            Files.delete(one);
        }
    }

    /** Copies files, folders and their modes; sockets stay behind. */
    static void copy(Path from, Path to) throws IOException {
        for (Path one : tree(from, Comparator.naturalOrder())) {
            if (Files.isDirectory(one) || Files.isRegularFile(one)) {
                Files.copy(one, to.resolve(from.relativize(one)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static List<Path> tree(Path folder, Comparator<Path> order) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.sorted(order).toList();
        }
    }
}
