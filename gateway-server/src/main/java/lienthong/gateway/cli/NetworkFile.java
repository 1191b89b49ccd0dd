package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.config.ConfigFault;
import lienthong.gateway.config.StrictYaml;
import lienthong.gateway.identity.NetworkPlan;
import lienthong.gateway.message.CleanText;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * A network as a file, in the form of {@code samples/network}: its name, its topmost office, its offices. Defaults: every office runs its own
 * node, and that dials the node of its parent.
 *
 * @param name of the network
 * @param plan what the authority signs
 */
record NetworkFile(String name, NetworkPlan plan) {
    private static final int BYTES_MAX = 16 * 1024 * 1024;
    private static final int NAME_CHARS_MAX = 200;
    private static final int LIST_MAX = 1_000;

    /** Reads the file; all faults go to standard error, the first one ends the command. */
    static NetworkFile read(Root root, Path file) throws Refused, IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new Refused(ErrorCode.SYNTAX, "{0}: more than {1} bytes", file, BYTES_MAX);
        }
        StrictYaml yaml = new StrictYaml();
        Optional<NetworkFile> network = yaml.read(Root.text(file), BYTES_MAX).map(NetworkFile::network);
        if (network.isPresent() && yaml.faults().isEmpty()) {
            return network.get();
        }
        List<ConfigFault> faults = yaml.faults();
        for (ConfigFault fault : faults.subList(1, faults.size())) {
            root.surroundings()
                    .err()
                    .println(
                            "lienthong: " + root.catalogue().labelled(Refusal.of(fault.reason(), placed(file, fault))));
        }
        ConfigFault first = faults.get(0);
        throw new Refused(first.reason(), placed(file, first));
    }

    /** What is wrong in a file and where in it. */
    static Detail placed(Path file, ConfigFault fault) {
        return fault.line() == 0
                ? Detail.of("{0}: {1}", file, fault.about())
                : Detail.of("{0}, line {1}, column {2}: {3}", file, fault.line(), fault.column(), fault.about());
    }

    private static NetworkFile network(StrictYaml.Section file) {
        String name = file.requiredText("network");
        Optional<OrganisationId> top = file.value("root", OrganisationId::parse);
        file.ignore("as_of", "briefing_sites");
        List<NetworkPlan.Office> offices = new ArrayList<>();
        if (!file.has("organisations")) {
            file.fail("organisations", ErrorCode.TYPE, "missing");
        }
        for (StrictYaml.Section section : file.sections("organisations")) {
            office(section).ifPresent(offices::add);
        }
        file.end();
        for (NetworkPlan.Office office : offices) {
            if (office.parent().isEmpty() && top.isPresent() && !office.id().equals(top.get())) {
                file.fail("root", ErrorCode.TYPE, "{0}, but {1} has no parent either", top.get(), office.id());
            }
        }
        return new NetworkFile(name, NetworkPlan.of(offices));
    }

    private static Optional<NetworkPlan.Office> office(StrictYaml.Section section) {
        if (!section.has("code") || !section.has("name")) {
            section.fail(section.has("code") ? "code" : "name", ErrorCode.TYPE, "an office has a code and a name");
            return Optional.empty();
        }
        Optional<OrganisationId> code = section.value("code", OrganisationId::parse);
        Optional<String> name = section.value("name", text -> CleanText.line("name", text, NAME_CHARS_MAX));
        Optional<String> tier = section.value("tier", text -> CleanText.line("tier", text, NAME_CHARS_MAX));
        Optional<String> parentText = section.nullableText("parent");
        Optional<OrganisationId> parent = Optional.empty();
        if (parentText.isPresent()) {
            Result<OrganisationId> parsed = OrganisationId.parse(parentText.get());
            if (parsed instanceof Result.Ok<OrganisationId> ok) {
                parent = Optional.of(ok.value());
            } else {
                section.fail(
                        "parent", parsed.refusal().reason(), parsed.refusal().about());
            }
        }
        List<String> aliases = new ArrayList<>(section.list("aliases", LIST_MAX, NetworkFile::text));
        section.text("code_2016").ifPresent(aliases::add);
        List<String> mailboxes = section.list("mailboxes", LIST_MAX, NetworkFile::text);
        Optional<OrganisationId> node = section.value("node", OrganisationId::parse);
        List<OrganisationId> dials = section.list("dials", LIST_MAX, OrganisationId::parse);
        List<OrganisationId> neighbours = section.list("neighbours", LIST_MAX, OrganisationId::parse);
        section.ignore("unit", "gso", "from");
        section.end();
        if (code.isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new NetworkPlan.Office(
                code.get(),
                name.get(),
                tier,
                parent,
                aliases,
                mailboxes,
                node,
                dials.isEmpty() ? Optional.empty() : Optional.of(dials),
                neighbours));
    }

    private static Result<String> text(String text) {
        return CleanText.line("text", text, 64);
    }
}
