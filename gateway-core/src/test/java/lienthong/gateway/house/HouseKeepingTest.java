package lienthong.gateway.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lienthong.gateway.message.Limits;
import org.junit.jupiter.api.Test;

/** Facts about the whole tree that people forget: dead links, marks left over. */
class HouseKeepingTest {
    private static final Path HOUSE = Path.of("..").toAbsolutePath().normalize();
    private static final Set<String> NOT_OURS = Set.of("target", "node_modules", ".git", "generated");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*(?:Test|IT))(?:\\.(\\w+))?`");
    private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)\\s]+)\\)");
    /** Written apart, so that this file does not find itself. */
    private static final Pattern LEFT_OVER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b");

    private static List<Path> files(String... endings) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(HOUSE, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return NOT_OURS.contains(String.valueOf(folder.getFileName()))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                for (String ending : endings) {
                    if (file.toString().endsWith(ending)) {
                        found.add(file);
                    }
                }
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(found).as("files ending in %s", List.of(endings)).isNotEmpty();
        return found;
    }

    @Test
    void linksInTheDocumentationAreAlive() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path page : files(".md")) {
            Matcher links = LINK.matcher(Files.readString(page, StandardCharsets.UTF_8));
            while (links.find()) {
                String target = links.group(1).replaceFirst("#.*", "");
                if (!target.isEmpty()
                        && !target.contains("://")
                        && !target.startsWith("mailto:")
                        && !Files.exists(page.resolveSibling(target))) {
                    dead.add(HOUSE.relativize(page) + " → " + target);
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    /**
     * A page that names a test says where something is shown. What follows "planned:" in the same cell of a table must not exist yet: whoever
     * adds it takes the word away.
     */
    @Test
    void testsNamedInTheDocumentationExistAndPlannedOnesDoNot() throws IOException {
        Map<String, String> tests = new HashMap<>();
        for (Path test : files("Test.java", "IT.java")) {
            tests.merge(
                    String.valueOf(test.getFileName()).replace(".java", ""),
                    Files.readString(test, StandardCharsets.UTF_8),
                    String::concat);
        }
        List<String> wrong = new ArrayList<>();
        for (Path page : files(".md")) {
            for (String cell : Files.readString(page, StandardCharsets.UTF_8).split("[|\n]")) {
                int planned = cell.indexOf("planned:");
                Matcher names = TEST.matcher(cell);
                while (names.find()) {
                    boolean exists = tests.containsKey(names.group(1))
                            && (names.group(2) == null
                                    || tests.get(names.group(1)).contains(names.group(2) + "("));
                    if (exists == (planned >= 0 && names.start() > planned)) {
                        wrong.add(HOUSE.relativize(page) + ": " + names.group()
                                + (exists ? " exists" : " does not exist"));
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyLimitIsUsed() throws IOException {
        StringBuilder sources = new StringBuilder();
        for (Path file : files(".java")) {
            String path = file.toString();
            if (path.contains("/src/main/") && !path.endsWith("/message/Limits.java")) {
                sources.append(Files.readString(file, StandardCharsets.UTF_8));
            }
        }
        List<String> unused = new ArrayList<>();
        for (Field limit : Limits.class.getDeclaredFields()) {
            if (Modifier.isPublic(limit.getModifiers())
                    && !Pattern.compile("\\b" + limit.getName() + "\\b")
                            .matcher(sources)
                            .find()) {
                unused.add(limit.getName());
            }
        }
        assertThat(unused).as("a limit that nobody looks at protects nothing").isEmpty();
    }

    @Test
    void nothingIsLeftForLater() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files(".java", ".proto", ".md", ".xml", ".sh", ".py", ".js", ".yaml", ".properties")) {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            for (int i = 0; i < lines.size(); i++) {
                if (LEFT_OVER.matcher(lines.get(i)).find()) {
                    found.add(HOUSE.relativize(file) + ":" + (i + 1));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    /** What an operator reads calls one thing by one word: on the left a word that is not used, on the right the one that is. */
    private static final Map<String, String> ONE_WORD = Map.of(
            "bằng chứng", "chứng cứ",
            "thông điệp", "thư",
            "bản kê", "bảng kê",
            "tệp mời", "giấy mời",
            "dấu vân tay", "vân tay",
            "câu mật khẩu", "cụm mật khẩu");

    @Test
    void aThingHasOneNameInVietnameseWhereverOperatorsReadIt() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file :
                files("_vi.properties", "_vi.txt", ".vi.md", "VERIFY.txt", "verify.sh", "errors.md", "quickstart.md")) {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).toLowerCase(java.util.Locale.ROOT);
                for (Map.Entry<String, String> word : ONE_WORD.entrySet()) {
                    if (line.contains(word.getKey())) {
                        found.add(HOUSE.relativize(file) + ":" + (i + 1) + ": " + word.getKey() + " → "
                                + word.getValue());
                    }
                }
            }
        }
        assertThat(found).isEmpty();
    }
}
