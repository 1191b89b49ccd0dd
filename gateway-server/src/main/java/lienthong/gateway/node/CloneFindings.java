package lienthong.gateway.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that were met as two machines at once (threat T19), kept over restarts: a line each, {@code cloned NODE FIRST SECOND BUNDLE CA}, where a dash
 * stands for what was not known. Confined to the loop.
 */
final class CloneFindings {
    private static final String WORD = "cloned";
    private static final int FIELDS = 6;

    private final Map<OrganisationId, Clones> byNode = new TreeMap<>();

    /**
     * Two live incarnations of one node.
     *
     * @param bundle its key bundle when they were found
     * @param ca its office's CA when they were found
     */
    record Clones(
            OrganisationId node, Incarnation first, Incarnation second, Optional<Hash> bundle, Optional<Hash> ca) {
        static Clones found(OrganisationId node, Incarnation first, Incarnation second, DirectoryView view) {
            return new Clones(node, first, second, bundleOf(node, view), caOf(node, view));
        }

        /** Whether a newer key bundle than that of then says that this is the one. */
        boolean isNamed(Incarnation incarnation, DirectoryView view) {
            return !bundleOf(node, view).equals(bundle)
                    && view.bundle(Address.of(node))
                            .filter(now -> now.incarnation().equals(incarnation))
                            .isPresent();
        }

        Refusal refusal() {
            return Refusal.of(
                    ErrorCode.NODE_CLONED, "{0} is here twice, as incarnation {1} and as {2}", node, first, second);
        }

        private String line() {
            return String.join(
                    " ",
                    WORD,
                    node.text(),
                    first.toString(),
                    second.toString(),
                    bundle.map(Hash::hex).orElse("-"),
                    ca.map(Hash::hex).orElse("-"));
        }
    }

    private static Optional<Hash> bundleOf(OrganisationId node, DirectoryView view) {
        return view.bundle(Address.of(node)).map(KeyBundleRecord::hash);
    }

    private static Optional<Hash> caOf(OrganisationId node, DirectoryView view) {
        return view.directory().caOf(node).map(Certificate::hash);
    }

    /** From our own disk; a line that is none is left out: the finding comes again when both are met again. */
    static CloneFindings parse(Bytes file) {
        CloneFindings findings = new CloneFindings();
        file.utf8()
                .lines()
                .map(CloneFindings::parseLine)
                .flatMap(Optional::stream)
                .forEach(findings::add);
        return findings;
    }

    private static Optional<Clones> parseLine(String line) {
        String[] fields = line.split(" ", -1);
        if (fields.length != FIELDS || !fields[0].equals(WORD)) {
            return Optional.empty();
        }
        Incarnation first = Incarnation.parse(fields[2]);
        Incarnation second = Incarnation.parse(fields[3]);
        return first == null || second == null
                ? Optional.empty()
                : OrganisationId.parse(fields[1])
                        .fold(
                                node -> Optional.of(new Clones(node, first, second, hash(fields[4]), hash(fields[5]))),
                                no -> Optional.empty());
    }

    private static Optional<Hash> hash(String text) {
        return Optional.ofNullable(Hash.parse(text));
    }

    Bytes toBytes() {
        return Bytes.utf8(
                byNode.values().stream().map(found -> found.line() + "\n").collect(Collectors.joining()));
    }

    void add(Clones found) {
        byNode.put(found.node(), found);
    }

    @Nullable
    Clones get(OrganisationId node) {
        return byNode.get(node);
    }

    void settled(OrganisationId node) {
        byNode.remove(node);
    }

    /** Whether the office has another CA now: it has joined anew, so neither of the two can come in any more. */
    boolean isReplaced(Clones found, DirectoryView view) {
        return !caOf(found.node(), view).equals(found.ca());
    }

    /** Those of which neither a new bundle nor a new CA says yet which machine goes on. */
    List<Refusal> undecided(DirectoryView view) {
        return byNode.values().stream()
                .filter(found -> !isReplaced(found, view)
                        && !found.isNamed(found.first(), view)
                        && !found.isNamed(found.second(), view))
                .map(Clones::refusal)
                .toList();
    }
}
