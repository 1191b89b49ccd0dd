package lienthong.gateway.routing;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;

/** A directory in shorthand: {@code "H; D1<H; C1<D1,D2"} are nodes with their parents; {@code serves} puts offices on nodes. */
public final class TestTree implements RoutingView {
    private final Map<OrganisationId, List<OrganisationId>> parents = new HashMap<>();
    private final Map<OrganisationId, OrganisationId> servedBy = new HashMap<>();
    private final Map<Address, Optional<Address>> closed = new HashMap<>();
    private Optional<Instant> closedFrom = Optional.empty();
    private final Map<Address, Incarnation> lives = new HashMap<>();
    private final Set<Address> keyless = new HashSet<>();
    private long version = 1;

    public static TestTree of(String nodes) {
        TestTree tree = new TestTree();
        for (String text : nodes.split(";")) {
            String[] sides = text.strip().split("<");
            OrganisationId node = new OrganisationId(sides[0].strip());
            List<OrganisationId> above = sides.length == 1
                    ? List.of()
                    : Stream.of(sides[1].split(","))
                            .map(name -> new OrganisationId(name.strip()))
                            .toList();
            tree.parents.put(node, above);
            tree.servedBy.put(node, node);
        }
        return tree;
    }

    /** A further office on a node. */
    public TestTree serves(String node, String office) {
        servedBy.put(new OrganisationId(office), new OrganisationId(node));
        return this;
    }

    /** The office has another CA, under which no key of this address has come yet. */
    public TestTree withoutKeys(String address) {
        keyless.add(Address.parse(address).orBug());
        return this;
    }

    /** The address has begun another key set. */
    public TestTree rekeyed(String address, long life) {
        lives.put(Address.parse(address).orBug(), new Incarnation(life));
        keyless.remove(Address.parse(address).orBug());
        return this;
    }

    @Override
    public Optional<Incarnation> life(Address address) {
        return keyless.contains(address)
                ? Optional.empty()
                : Optional.of(lives.getOrDefault(address, new Incarnation(1)));
    }

    /** A copy with the next version. */
    public TestTree next() {
        TestTree copy = new TestTree();
        copy.parents.putAll(parents);
        copy.servedBy.putAll(servedBy);
        copy.closed.putAll(closed);
        copy.lives.putAll(lives);
        copy.keyless.addAll(keyless);
        copy.closedFrom = closedFrom;
        copy.version = version + 1;
        return copy;
    }

    public TestTree without(String office) {
        servedBy.remove(new OrganisationId(office));
        return this;
    }

    public TestTree unserved(String office) {
        servedBy.put(new OrganisationId(office), new OrganisationId("NOWHERE"));
        return this;
    }

    public TestTree close(String address, String successor) {
        closed.put(
                Address.parse(address).orBug(),
                successor.isEmpty()
                        ? Optional.empty()
                        : Optional.of(Address.parse(successor).orBug()));
        return this;
    }

    public TestTree closesFrom(Instant from) {
        closedFrom = Optional.of(from);
        return this;
    }

    @Override
    public DirectoryVersion version() {
        return new DirectoryVersion(version, Hash.of(Bytes.utf8("directory " + version)));
    }

    @Override
    public Standing standing(Address address, Instant now) {
        if (closed.containsKey(address)
                && closedFrom.map(from -> !now.isBefore(from)).orElse(true)) {
            return new Standing.Closed(closed.get(address));
        }
        OrganisationId node = servedBy.get(address.organisation());
        if (node == null) {
            return new Standing.Unknown(servedBy.keySet().stream()
                    .map(OrganisationId::text)
                    .filter(known ->
                            known.charAt(0) == address.organisation().text().charAt(0))
                    .sorted()
                    .findFirst());
        }
        return parents.containsKey(node) ? new Standing.Open(node) : new Standing.Unserved();
    }

    @Override
    public List<OrganisationId> parents(OrganisationId node) {
        return parents.getOrDefault(node, List.of());
    }

    @Override
    public boolean isNode(OrganisationId node) {
        return parents.containsKey(node);
    }
}
