package lienthong.gateway.node;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.api.DirectoryDoor;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Address;

/** Finds offices in the directory in force. */
final class LookupDesk implements DirectoryDoor {
    private final Loop loop;
    private final DirectoryDesk directory;

    LookupDesk(Loop loop, DirectoryDesk directory) {
        this.loop = loop;
        this.directory = directory;
    }

    @Override
    public void lookup(String query, int limit, Consumer<Found> answer) {
        loop.execute(() -> {
            Directory known = directory.view().directory();
            List<Office> offices = new ArrayList<>();
            String office = query.indexOf('/') < 0 ? query : query.substring(0, query.indexOf('/'));
            known.resolve(office).flatMap(known::organisation).ifPresent(entry -> offices.add(office(entry)));
            String wanted = folded(query);
            for (OrganisationEntry entry : known.organisations()) {
                if (offices.size() >= limit) {
                    break;
                }
                boolean first = !offices.isEmpty() && offices.get(0).code().equals(entry.id());
                if (!first
                        && (folded(entry.name()).contains(wanted)
                                || entry.id().text().startsWith(query))) {
                    offices.add(office(entry));
                }
            }
            Optional<String> nearest = offices.isEmpty() ? known.nearestKnown(query) : Optional.empty();
            answer.accept(new Found(offices, nearest, known.version().number()));
        });
    }

    /** For comparing names: without accents, tone marks, case; Đ does not decompose and is mapped by hand. */
    private static String folded(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .replace('đ', 'd')
                .replace('Đ', 'd')
                .toLowerCase(Locale.ROOT);
    }

    static Office office(OrganisationEntry entry) {
        return new Office(
                entry.id(),
                entry.name(),
                entry.tier().orElse(""),
                entry.parent(),
                entry.aliases(),
                Optional.of(entry.node()),
                entry.mailboxes(),
                entry.successors());
    }

    /** The addresses that this node serves: its offices and their mailboxes. */
    static List<Address> served(Directory directory, lienthong.gateway.message.OrganisationId node) {
        List<Address> all = new ArrayList<>();
        for (OrganisationEntry entry : directory.organisations()) {
            if (entry.node().equals(node)) {
                all.add(Address.of(entry.id()));
                entry.mailboxes().forEach(box -> all.add(new Address(entry.id(), box)));
            }
        }
        return all;
    }
}
