package lienthong.gateway.node;

import lienthong.gateway.delivery.ConsumerId;
import lienthong.gateway.delivery.LinkPort;
import lienthong.gateway.delivery.LocalPort;
import lienthong.gateway.delivery.Progress;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.OrganisationId;
import org.jspecify.annotations.Nullable;

/**
 * Delivery's ports, connected after delivery was made: the desks need delivery and delivery needs the desks. Set once, before the loop runs
 * anything else.
 */
final class PortHub implements LinkPort, LocalPort {
    private @Nullable LinkDesk links;
    private @Nullable ReceiveDesk receive;
    private @Nullable TrackDesk track;
    private @Nullable ClientDesk clients;

    void connect(LinkDesk linkDesk, ReceiveDesk receiveDesk, TrackDesk trackDesk, ClientDesk clientDesk) {
        Invariant.check(links == null, "ports connected twice");
        links = linkDesk;
        receive = receiveDesk;
        track = trackDesk;
        clients = clientDesk;
    }

    private static <T> T connected(@Nullable T desk) {
        Invariant.check(desk != null, "delivery spoke before its ports were connected");
        return java.util.Objects.requireNonNull(desk);
    }

    @Override
    public void wake(OrganisationId neighbour) {
        connected(links).wake(neighbour);
    }

    @Override
    public void directoryBehind(OrganisationId from, DirectoryVersion theirs) {
        connected(links).directoryBehind(from, theirs);
    }

    @Override
    public void available(Address address) {
        connected(receive).available(address);
        connected(clients).available(address);
    }

    @Override
    public void lapsed(ConsumerId consumer, long lease) {
        connected(receive).lapsed(consumer, lease);
        connected(clients).lapsed(consumer, lease);
    }

    @Override
    public void progressed(Progress progress) {
        connected(track).progressed(progress);
    }
}
