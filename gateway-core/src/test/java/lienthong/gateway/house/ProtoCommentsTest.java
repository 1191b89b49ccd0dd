package lienthong.gateway.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The .proto files are the documentation of wires and doors: every message says who sets it, every field what it means, every repeated field
 * how many there may be.
 */
class ProtoCommentsTest {
    private static final Path FILES = Path.of("../proto/src/main/protobuf/lienthong");
    private static final Pattern BLOCK = Pattern.compile("(message|enum|service|oneof)\\s+(\\w+).*");
    private static final Pattern FIELD = Pattern.compile("(repeated |optional )?[\\w.]+ (\\w+) = \\d+.*");
    private static final Pattern VALUE = Pattern.compile("(\\w+) = \\d+.*");
    private static final Pattern WHO = Pattern.compile("\\bSet (by|as) .+\\.");
    private static final Pattern HOW_MANY = Pattern.compile(
            "[Aa]t most|[Aa]t least|\\b\\d[\\d,]* to \\d|[Ee]xactly|[Uu]p to|[Aa]s in\\b|[Oo]ne for each|[Oo]ne of each|[Aa]s many"
                    + "|[Nn]o more than|[Oo]ne or two|[Ff]irst .* then");

    /** Something that needs a comment. */
    private record Thing(String kind, String name, String declaration, String comment) {}

    @Test
    void everyMessageSaysWhoSetsIt() throws IOException {
        assertThat(things())
                .filteredOn(thing -> thing.kind.equals("message"))
                .hasSizeGreaterThan(130)
                .allSatisfy(thing -> assertThat(thing.comment).as(thing.name).containsPattern(WHO));
    }

    @Test
    void everyFieldAndEveryValueSaysWhatItMeans() throws IOException {
        assertThat(things())
                .filteredOn(thing -> thing.kind.equals("field") || thing.kind.equals("value"))
                .hasSizeGreaterThan(400)
                .allSatisfy(thing -> assertThat(thing.comment).as(thing.name).isNotBlank());
    }

    @Test
    void everyRepeatedFieldSaysHowManyThereMayBe() throws IOException {
        assertThat(things())
                .filteredOn(thing -> thing.declaration.startsWith("repeated "))
                .hasSizeGreaterThan(50)
                .allSatisfy(thing -> assertThat(thing.comment).as(thing.name).containsPattern(HOW_MANY));
    }

    private static List<Thing> things() throws IOException {
        List<Thing> things = new ArrayList<>();
        try (Stream<Path> files = Files.walk(FILES)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".proto"))
                    .sorted()
                    .toList()) {
                read(file, things);
            }
        }
        return things;
    }

    private static void read(Path file, List<Thing> into) throws IOException {
        Deque<String> inside = new ArrayDeque<>();
        StringBuilder comment = new StringBuilder();
        for (String raw : Files.readAllLines(file)) {
            String line = raw.strip();
            if (line.startsWith("//")) {
                comment.append(line.substring(2).strip()).append(' ');
                continue;
            }
            String place = file.getFileName() + " " + String.join(".", inside);
            Matcher block = BLOCK.matcher(line);
            Matcher field = FIELD.matcher(line);
            Matcher value = VALUE.matcher(line);
            if (block.matches()) {
                into.add(new Thing(block.group(1), place + "." + block.group(2), line, comment.toString()));
                if (!line.endsWith("}")) {
                    inside.addLast(block.group(2));
                }
            } else if (line.startsWith("rpc ") && line.endsWith("{")) {
                inside.addLast("rpc");
            } else if (line.startsWith("}")) {
                inside.pollLast();
            } else if (!line.startsWith("option ") && field.matches()) {
                into.add(new Thing("field", place + "." + field.group(2), line, comment.toString()));
            } else if (!inside.isEmpty() && value.matches()) {
                into.add(new Thing("value", place + "." + value.group(1), line, comment.toString()));
            }
            comment.setLength(0);
        }
    }
}
