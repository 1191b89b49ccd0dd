package lienthong.gateway.directory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * One office.
 *
 * @param id its code
 * @param name as shown
 * @param tier label of its level, for instance {@code huyện ủy}; free text
 * @param parent the office above it; empty at the top
 * @param node the node that serves it
 * @param ca SHA-256 of its own CA's certificate; empty before its first invitation
 * @param formerCas earlier CAs, newest first: what they certified still verifies as of its time
 * @param from when it began, by the authority
 * @param until when it ended or will end; empty while open
 * @param end how it ends: {@code merged}, {@code split}, …; empty while open
 * @param successors who follows, the first receives; none while open
 * @param delegates what the evidence key of its node may sign in its name
 * @param suiteMinimum lowest suite it accepts, if stricter than the network's
 * @param aliases its other codes, ascending; no blanks, 1 to 64 characters
 * @param mailboxes names of its mailboxes that the directory lists, ascending
 */
public record OrganisationEntry(
        OrganisationId id,
        String name,
        Optional<String> tier,
        Optional<OrganisationId> parent,
        OrganisationId node,
        Optional<Hash> ca,
        List<Hash> formerCas,
        Instant from,
        Optional<Instant> until,
        Optional<End> end,
        List<OrganisationId> successors,
        List<Delegation> delegates,
        Optional<Integer> suiteMinimum,
        List<String> aliases,
        List<String> mailboxes)
        implements DirectoryEntry {
    static final String KIND = "organisation";
    private static final Pattern ALIAS = Pattern.compile("[\\x21-\\x7e]{1,64}");
    private static final int SUCCESSORS_MAX = 16;
    private static final int FORMER_CAS_MAX = 32;

    /** How an office ends. */
    public enum End {
        MERGED,
        SPLIT,
        RENAMED,
        TIER_ABOLISHED,
        PROVINCE_MERGED,
        CLOSED
    }

    /** What its node's evidence key may sign for it. */
    public enum Delegation {
        /** That a message is intact and durable here. */
        DELIVERED,
        /** That a message went back for a reason of policy. */
        RETURNED
    }

    public OrganisationEntry {
        formerCas = List.copyOf(formerCas);
        successors = List.copyOf(successors);
        delegates = List.copyOf(delegates);
        aliases = List.copyOf(aliases);
        mailboxes = List.copyOf(mailboxes);
        Invariant.check(aliases.size() <= Limits.ALIASES_MAX, "aliases %d", aliases.size());
        Invariant.check(mailboxes.size() <= Limits.MAILBOXES_MAX, "mailboxes %d", mailboxes.size());
    }

    /** Whether its dates allow it to send and receive then. */
    public boolean isOpenAt(Instant time) {
        return !time.isBefore(from) && (until.isEmpty() || time.isBefore(until.get()));
    }

    public boolean delegates(Delegation what) {
        return delegates.contains(what);
    }

    /** The same with another CA; the present one becomes a former one. */
    public OrganisationEntry withCa(Hash newCa) {
        List<Hash> former = new ArrayList<>();
        ca.filter(old -> !old.equals(newCa)).ifPresent(former::add);
        formerCas.stream().filter(old -> !old.equals(newCa)).forEach(former::add);
        return new OrganisationEntry(
                id,
                name,
                tier,
                parent,
                node,
                Optional.of(newCa),
                former,
                from,
                until,
                end,
                successors,
                delegates,
                suiteMinimum,
                aliases,
                mailboxes);
    }

    /** The same, ended at {@code time} with its successors. */
    public OrganisationEntry endedAt(Instant time, End how, List<OrganisationId> next) {
        return new OrganisationEntry(
                id,
                name,
                tier,
                parent,
                node,
                ca,
                formerCas,
                from,
                Optional.of(time),
                Optional.of(how),
                next,
                delegates,
                suiteMinimum,
                aliases,
                mailboxes);
    }

    /** The same with other mailboxes, sorted. */
    public OrganisationEntry withMailboxes(List<String> names) {
        return new OrganisationEntry(
                id,
                name,
                tier,
                parent,
                node,
                ca,
                formerCas,
                from,
                until,
                end,
                successors,
                delegates,
                suiteMinimum,
                aliases,
                names.stream().sorted().distinct().toList());
    }

    /** Whether a text may stand as an alias: 1 to 64 visible ASCII characters. */
    public static boolean isAlias(String text) {
        return ALIAS.matcher(text).matches();
    }

    @Override
    public String entryKey() {
        return KIND + " " + id;
    }

    @Override
    public Bytes text(Hash network) {
        return StrictText.write(network, KIND)
                .line("code", id)
                .line("name", name)
                .line("tier", tier)
                .line("parent", parent)
                .line("node", node)
                .line("ca", ca)
                .lines("former-ca", formerCas)
                .line("from", StrictText.time(from))
                .line("until", Texts.written(until))
                .line("end", end.map(Texts::wordOf))
                .lines("successor", successors)
                .lines("delegate", delegates.stream().map(Texts::wordOf).toList())
                .line("suite-minimum", suiteMinimum)
                .lines("alias", aliases)
                .lines("mailbox", mailboxes)
                .done();
    }

    static Result<OrganisationEntry> parse(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                .then(reader -> {
                    OrganisationId id = Texts.organisation(reader, "code");
                    String name = Texts.text(reader, "name", Limits.NAME_CHARS_MAX);
                    Optional<String> tier = Texts.optionalText(reader, "tier", Limits.NAME_CHARS_MAX);
                    Optional<OrganisationId> parent = Texts.optionalOrganisation(reader, "parent");
                    OrganisationId node = Texts.organisation(reader, "node");
                    Optional<Hash> ca = Texts.optionalHash(reader, "ca");
                    List<Hash> former = Texts.hashes(reader, "former-ca", FORMER_CAS_MAX);
                    Instant from = reader.time("from");
                    Optional<Instant> until = Texts.optionalTime(reader, "until");
                    Optional<End> end = reader.optional("end").map(word -> Texts.word(reader, "end", End.class, word));
                    List<OrganisationId> successors = Texts.organisations(reader, "successor", 0, SUCCESSORS_MAX);
                    List<Delegation> delegates = reader.lines("delegate", 0, Delegation.values().length).stream()
                            .map(word -> Texts.word(reader, "delegate", Delegation.class, word))
                            .toList();
                    Optional<Integer> suite =
                            Texts.optionalNumber(reader, "suite-minimum", 255).map(Long::intValue);
                    List<String> aliases = reader.lines("alias", 0, Limits.ALIASES_MAX);
                    List<String> mailboxes = reader.lines("mailbox", 0, Limits.MAILBOXES_MAX);
                    check(reader, id, parent, ca, former, from, until, end, successors);
                    Texts.ascending(reader, "delegate", delegates);
                    Texts.ascending(reader, "alias", aliases);
                    Texts.ascending(reader, "mailbox", mailboxes);
                    if (!aliases.stream().allMatch(OrganisationEntry::isAlias)) {
                        reader.fail("alias is 1 to 64 visible ASCII characters");
                    }
                    if (!mailboxes.stream()
                            .allMatch(box -> Address.parse(id + "/" + box).isOk())) {
                        reader.fail("mailbox name");
                    }
                    return Texts.checked(
                            reader,
                            text,
                            () -> new OrganisationEntry(
                                    id,
                                    name,
                                    tier,
                                    parent,
                                    node,
                                    ca,
                                    former,
                                    from,
                                    until,
                                    end,
                                    successors,
                                    delegates,
                                    suite,
                                    aliases,
                                    mailboxes),
                            entry -> entry.text(network));
                });
    }

    private static void check(
            StrictText.Reader reader,
            OrganisationId id,
            Optional<OrganisationId> parent,
            Optional<Hash> ca,
            List<Hash> former,
            Instant from,
            Optional<Instant> until,
            Optional<End> end,
            List<OrganisationId> successors) {
        if (parent.isPresent() && parent.get().equals(id)) {
            reader.fail("an office is not its own parent");
        }
        if (until.isPresent() != end.isPresent() || until.isEmpty() && !successors.isEmpty()) {
            reader.fail("until, end and successor go together");
        }
        if (until.isPresent() && until.get().isBefore(from)) {
            reader.fail("ends before it begins");
        }
        if (successors.contains(id)) {
            reader.fail("an office is not its own successor");
        }
        if (ca.isPresent() ? former.contains(ca.get()) : !former.isEmpty()) {
            reader.fail("former-ca differs from ca and follows one");
        }
    }
}
