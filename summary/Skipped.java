import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Prints which tests of this build did not run, and why: a skip that nobody sees is taken for a pass. Arguments: the root folder, when the build began. */
final class Skipped {
    /** Large folders in which no report lies. */
    private static final Set<String> ELSEWHERE = Set.of("src", "classes", "node_modules", "docs", "samples", "lib", "tmp");

    private Skipped() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Path root = Path.of(arguments[0]).toAbsolutePath();
        Instant began = Instant.parse(arguments[1]);
        int run = 0;
        Map<String, Set<String>> skipped = new LinkedHashMap<>(); // class and reason → methods
        int count = 0;
        for (Path report : reports(root, began)) {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            NodeList cases = factory.newDocumentBuilder().parse(report.toFile()).getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                NodeList reasons = test.getElementsByTagName("skipped");
                run++;
                if (reasons.getLength() > 0) {
                    count++;
                    String name = test.getAttribute("classname").replaceFirst(".*\\.", "");
                    String module = String.valueOf(root.relativize(report).getName(0));
                    skipped.computeIfAbsent(module + "  " + name + ": " + reason((Element) reasons.item(0)), key -> new TreeSet<>())
                            .add(test.getAttribute("name"));
                }
            }
        }
        out.println();
        out.println("==== NOT TESTED: " + count + " of " + run + " tests were skipped ====");
        skipped.forEach((why, tests) -> {
            out.println(why);
            out.println("    " + String.join(", ", tests));
        });
        out.println(skipped.isEmpty() ? "==== nothing ====" : "==== the rest ran ====");
        out.println();
    }

    private static String reason(Element skip) {
        String message = skip.getAttribute("message").isEmpty() ? skip.getTextContent().strip() : skip.getAttribute("message");
        String line = message.lines().findFirst().orElse("");
        return line.replaceFirst("^\\S*TestAbortedException:? ?", "").replaceFirst("^Assumption failed: ", "");
    }

    /** What an earlier build left behind says nothing about this one. */
    private static List<Path> reports(Path root, Instant began) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = String.valueOf(folder.getFileName());
                boolean leads = folder.equals(root) || !name.startsWith(".") && !ELSEWHERE.contains(name);
                return leads ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String folder = String.valueOf(file.getParent().getFileName());
                String name = String.valueOf(file.getFileName());
                if ((folder.equals("surefire-reports") || folder.equals("failsafe-reports"))
                        && name.startsWith("TEST-")
                        && name.endsWith(".xml")
                        && !attributes.lastModifiedTime().toInstant().isBefore(began)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException why) {
                return FileVisitResult.CONTINUE; // a temporary file that went away meanwhile
            }
        });
        found.sort(null);
        return found;
    }
}
