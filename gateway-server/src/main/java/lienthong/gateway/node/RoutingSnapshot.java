package lienthong.gateway.node;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.directory.NodeEntry;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.routing.RoutingView;

/** What routing asks of the directory in force. Immutable. */
record RoutingSnapshot(DirectoryView view) implements RoutingView {
    private Directory directory() {
        return view.directory();
    }

    @Override
    public DirectoryVersion version() {
        return directory().version();
    }

    @Override
    public Standing standing(Address address, Instant now) {
        Optional<OrganisationEntry> office = directory().organisation(address.organisation());
        if (office.isEmpty() || !view.knows(address)) {
            return new Standing.Unknown(directory().nearestKnown(address.toString()));
        }
        if (!office.get().isOpenAt(now)) {
            return new Standing.Closed(directory().successors(address.organisation()).stream()
                    .findFirst()
                    .map(Address::of));
        }
        return directory().node(office.get().node()).isPresent()
                ? new Standing.Open(office.get().node())
                : new Standing.Unserved();
    }

    @Override
    public List<OrganisationId> parents(OrganisationId node) {
        return directory().node(node).map(NodeEntry::parents).orElse(List.of());
    }

    @Override
    public boolean isNode(OrganisationId node) {
        return directory().node(node).isPresent();
    }

    @Override
    public Optional<Incarnation> life(Address address) {
        return view.bundle(view.identityOf(address)).map(KeyBundleRecord::incarnation);
    }
}
