package lienthong.gateway.config;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.text.Nearest;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * YAML read by asking for what is known: whatever was not asked for is an unknown key. Keeps every fault with its place and goes on, so that all
 * come in one go. No anchors, aliases, tags or second documents: they only hide what a file says.
 */
public final class StrictYaml {
    private static final Set<String> SECRET_WORDS =
            Set.of("passphrase", "password", "passwd", "secret", "pin", "code", "token", "matkhau", "mat_khau");

    private final List<ConfigFault> faults = new ArrayList<>();

    /** Reads {@code text}; the root is empty when it is not a mapping at all (a fault says why). */
    public Optional<Section> read(String text, int bytesMax) {
        try {
            Iterator<Node> documents = new Compose(LoadSettings.builder()
                            .setCodePointLimit(bytesMax)
                            .setMaxAliasesForCollections(1)
                            .setAllowDuplicateKeys(true)
                            .build())
                    .composeAllFromString(text)
                    .iterator();
            if (!documents.hasNext()) {
                faults.add(new ConfigFault(ErrorCode.SYNTAX, 0, 0, Detail.of("the file is empty")));
                return Optional.empty();
            }
            Node root = documents.next();
            if (documents.hasNext()) {
                fault(ErrorCode.SYNTAX, documents.next(), "a second document; one is enough");
                return Optional.empty();
            }
            if (!(root instanceof MappingNode mapping)) {
                fault(ErrorCode.TYPE, root, "the file must be keys and values");
                return Optional.empty();
            }
            return Optional.of(new Section("", mapping));
        } catch (MarkedYamlEngineException wrong) {
            Mark mark = wrong.getProblemMark().orElse(null);
            int line = mark == null ? 0 : mark.getLine() + 1;
            int column = mark == null ? 0 : mark.getColumn() + 1;
            boolean tab = lineOf(text, line).contains("\t");
            Detail words = tab ? Detail.of("a tab; YAML wants blanks") : Detail.technical(oneLine(wrong.getProblem()));
            faults.add(new ConfigFault(ErrorCode.SYNTAX, line, column, words));
            return Optional.empty();
        } catch (YamlEngineException wrong) {
            faults.add(new ConfigFault(
                    ErrorCode.SYNTAX, 0, 0, Detail.technical(oneLine(String.valueOf(wrong.getMessage())))));
            return Optional.empty();
        }
    }

    private static String lineOf(String text, int line) {
        String[] lines = text.split("\n", -1);
        return line >= 1 && line <= lines.length ? lines[line - 1] : "";
    }

    private static String oneLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    /** All faults so far, in the order of their places. */
    public List<ConfigFault> faults() {
        List<ConfigFault> sorted = new ArrayList<>(faults);
        sorted.sort(java.util.Comparator.comparingInt(ConfigFault::line).thenComparingInt(ConfigFault::column));
        return List.copyOf(sorted);
    }

    private void fault(ErrorCode reason, Node at, @CompileTimeConstant String detail, Object... arguments) {
        fault(reason, at, Detail.of(detail, arguments));
    }

    private void fault(ErrorCode reason, Node at, Detail about) {
        Mark mark = at.getStartMark().orElse(null);
        faults.add(new ConfigFault(
                reason, mark == null ? 0 : mark.getLine() + 1, mark == null ? 0 : mark.getColumn() + 1, about));
    }

    /** Whether a key's name says that its value is a secret. A key that names a file is none. */
    private static boolean isSecret(String key) {
        String name = key.toLowerCase(Locale.ROOT);
        return !name.endsWith("_file")
                && SECRET_WORDS.stream()
                        .anyMatch(
                                word -> name.equals(word) || name.endsWith("_" + word) || name.startsWith(word + "_"));
    }

    /** A mapping whose keys are asked for one by one; {@link #end} reports what nobody asked for. */
    public final class Section {
        private final String path;
        private final Node at;
        private final Map<String, Node> values = new LinkedHashMap<>();
        private final Map<String, Node> keys = new LinkedHashMap<>();
        private final List<String> known = new ArrayList<>();

        private Section(String path, MappingNode mapping) {
            this.path = path;
            this.at = mapping;
            for (NodeTuple tuple : mapping.getValue()) {
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    fault(ErrorCode.TYPE, tuple.getKeyNode(), "a key must be a word");
                } else if (keys.containsKey(key.getValue())) {
                    fault(ErrorCode.DUPLICATE, key, "{0} stands twice", path + key.getValue());
                } else {
                    keys.put(key.getValue(), key);
                    values.put(key.getValue(), tuple.getValueNode());
                }
            }
        }

        private @Nullable Node take(String key) {
            known.add(key);
            Node node = values.get(key);
            if (node != null && node.getAnchor().isPresent()) {
                fault(ErrorCode.SYNTAX, node, "{0}: anchors are not used here", path + key);
            }
            return node;
        }

        /** Whether the key is there. */
        public boolean has(String key) {
            return values.containsKey(key);
        }

        /** Whether the key stands there with exactly this plain text; then it has been asked for. */
        public boolean saysWord(String key, String word) {
            boolean says = values.get(key) instanceof ScalarNode scalar
                    && scalar.getTag().equals(Tag.STR)
                    && scalar.getValue().equals(word);
            if (says) {
                known.add(key);
            }
            return says;
        }

        /** Whether the key stands there with a list of nothing. */
        public boolean isEmptyList(String key) {
            return values.get(key) instanceof SequenceNode sequence
                    && sequence.getValue().isEmpty();
        }

        /** A text; empty when absent. */
        public Optional<String> text(String key) {
            Node node = take(key);
            return node == null ? Optional.empty() : Optional.ofNullable(asText(node, path + key));
        }

        /** A text that must be there. */
        public String requiredText(String key) {
            if (!has(key)) {
                known.add(key);
                fault(ErrorCode.TYPE, at, "{0} is missing", path + key);
                return "";
            }
            return text(key).orElse("");
        }

        /** A text or null ({@code ~}), as network files have it for the parent of the topmost office. */
        public Optional<String> nullableText(String key) {
            Node node = values.get(key);
            if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL)) {
                known.add(key);
                return Optional.empty();
            }
            return text(key);
        }

        /** A text checked by a value's own rule; empty when absent or faulty. */
        public <T> Optional<T> value(String key, java.util.function.Function<String, Result<T>> rule) {
            Node node = values.get(key);
            Optional<String> text = text(key);
            return node == null || text.isEmpty()
                    ? Optional.empty()
                    : checked(node, path + key, rule.apply(text.get()));
        }

        /** A whole number from {@code min} to {@code max}; empty when absent or faulty. */
        public OptionalLong number(String key, long min, long max) {
            Node node = take(key);
            if (node == null) {
                return OptionalLong.empty();
            }
            if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT)) {
                try {
                    long number = Long.parseLong(scalar.getValue());
                    if (number >= min && number <= max) {
                        return OptionalLong.of(number);
                    }
                } catch (NumberFormatException tooLong) {
                    fault(
                            ErrorCode.TYPE,
                            node,
                            "{0}: a number from {1} to {2}{3}",
                            path + key,
                            min,
                            max,
                            Detail.none());
                    return OptionalLong.empty();
                }
            }
            fault(ErrorCode.TYPE, node, "{0}: a number from {1} to {2}{3}", path + key, min, max, shown(node));
            return OptionalLong.empty();
        }

        /** true or false; empty when absent or faulty. */
        public Optional<Boolean> flag(String key) {
            Node node = take(key);
            if (node == null) {
                return Optional.empty();
            }
            if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
                return Optional.of(Boolean.parseBoolean(scalar.getValue()));
            }
            fault(ErrorCode.TYPE, node, "{0}: true or false{1}", path + key, shown(node));
            return Optional.empty();
        }

        /** A list of texts, each checked; empty when absent. */
        public <T> List<T> list(String key, int max, java.util.function.Function<String, Result<T>> rule) {
            Node node = take(key);
            if (node == null) {
                return List.of();
            }
            if (!(node instanceof SequenceNode sequence)) {
                fault(ErrorCode.TYPE, node, "{0}: a list, each on a line with - before it{1}", path + key, shown(node));
                return List.of();
            }
            List<T> values = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            for (Node item : sequence.getValue()) {
                String text = asText(item, path + key);
                if (text == null) {
                    continue;
                }
                if (!seen.add(text)) {
                    fault(ErrorCode.DUPLICATE, item, "{0}: {1} stands twice", path + key, text);
                } else {
                    checked(item, path + key, rule.apply(text)).ifPresent(values::add);
                }
            }
            if (sequence.getValue().size() > max) {
                fault(ErrorCode.TYPE, node, "{0}: at most {1}", path + key, max);
            }
            return values;
        }

        /** A section inside; empty when absent. */
        public Optional<Section> section(String key) {
            Node node = take(key);
            if (node == null) {
                return Optional.empty();
            }
            if (node instanceof MappingNode mapping) {
                return Optional.of(new Section(path + key + ".", mapping));
            }
            fault(ErrorCode.TYPE, node, "{0}: keys and values{1}", path + key, shown(node));
            return Optional.empty();
        }

        /** A list of sections; empty when absent. */
        public List<Section> sections(String key) {
            Node node = take(key);
            if (node == null) {
                return List.of();
            }
            if (!(node instanceof SequenceNode sequence)) {
                fault(ErrorCode.TYPE, node, "{0}: a list, each beginning with -{1}", path + key, shown(node));
                return List.of();
            }
            List<Section> sections = new ArrayList<>();
            for (int i = 0; i < sequence.getValue().size(); i++) {
                Node item = sequence.getValue().get(i);
                if (item instanceof MappingNode mapping) {
                    sections.add(new Section(path + key + "[" + i + "].", mapping));
                } else {
                    fault(ErrorCode.TYPE, item, "{0}: keys and values{1}", path + key + "[" + i + "]", shown(item));
                }
            }
            return sections;
        }

        /** A fault at the place of a key, or of the section when the key is absent. */
        public void fail(String key, ErrorCode reason, @CompileTimeConstant String detail, Object... arguments) {
            fail(key, reason, Detail.of(detail, arguments));
        }

        /** A fault at the place of a key, or of the section when the key is absent. */
        public void fail(String key, ErrorCode reason, Detail about) {
            fault(reason, values.getOrDefault(key, at), "{0}: {1}", path + key, about);
        }

        /** Takes keys that are allowed and not looked at. */
        public void ignore(String... names) {
            known.addAll(List.of(names));
        }

        /** Reports every key nobody asked for. */
        public void end() {
            for (Map.Entry<String, Node> key : keys.entrySet()) {
                String name = key.getKey();
                if (known.contains(name)) {
                    continue;
                }
                if (isSecret(name)) {
                    fault(
                            ErrorCode.SECRET_IN_CLEAR,
                            key.getValue(),
                            "{0}: no secret stands in this file; write it into a file of its own (mode 0600) and name that with key_passphrase_file",
                            path + name);
                    continue;
                }
                fault(
                        ErrorCode.KEY_UNKNOWN,
                        key.getValue(),
                        Nearest.of(name, known)
                                .map(near -> Detail.of("{0}; did you mean {1}?", path + name, near))
                                .orElseGet(
                                        () -> Detail.of("{0}; known are {1}", path + name, String.join(", ", known))));
            }
        }

        private <T> Optional<T> checked(Node node, String name, Result<T> result) {
            if (result instanceof Result.Ok<T> ok) {
                return Optional.of(ok.value());
            }
            Refusal why = result.refusal();
            fault(why.reason(), node, "{0}: {1}", name, why.about());
            return Optional.empty();
        }

        private @Nullable String asText(Node node, String name) {
            if (node instanceof ScalarNode scalar) {
                if (scalar.getValue().contains("PRIVATE KEY-----")) {
                    fault(ErrorCode.SECRET_IN_CLEAR, node, "{0}: a private key stands in a file of its own", name);
                    return null;
                }
                if (scalar.getTag().equals(Tag.STR)) {
                    return scalar.getValue();
                }
            }
            fault(ErrorCode.TYPE, node, "{0}: a text{1}; put it between quotes", name, shown(node));
            return null;
        }

        private Detail shown(Node node) {
            if (!(node instanceof ScalarNode scalar) || scalar.getValue().isEmpty()) {
                return Detail.none();
            }
            return scalar.getValue().length() <= 40
                    ? Detail.of(", not {0}", scalar.getValue())
                    : Detail.of(", not a long text");
        }
    }
}
