package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.routing.Route;
import lienthong.gateway.routing.Router;
import lienthong.gateway.routing.RoutingView;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;

/** The desks of one delivery and what they share. One object for each, all confined to the loop. */
final class Desks {
    final Delivery.Ports ports;
    final DeliveryPolicy policy;
    final MessageStore store;
    final OrganisationId me;
    final Turn turn;
    final Dues dues;
    final Counters counters = new Counters();
    final CustodyBooks books;
    final Numbers numbers;
    final Streams streams;
    final ClientIds clients;
    final Remembered<Records.SeenId> seenIds;
    final CustodyTable table;
    final Intake intake;
    final Forwarding forwarding;
    final Homeward homeward;
    final OriginDesk origin;
    final LocalDesk local;
    final ReceiptDesk receipts;
    final Inquiry inquiry;
    final IncomingMail mail;
    final CameAgain cameAgain;
    final Rewraps rewraps;
    final Doubts doubts;

    RoutingView routing;
    /**
     * The store was put back from a copy at this time, or was opened with records set aside: what was made before may have been handed over, and what said so
     * is not here.
     */
    Instant restoredAt = Instant.MIN;
    /** This is the first start on the copy. */
    boolean restoredNow;

    Desks(Delivery.Ports ports, DeliveryPolicy policy) {
        this.ports = ports;
        this.policy = policy;
        this.store = ports.store();
        this.me = ports.me();
        this.routing = ports.routing();
        this.turn = new Turn(ports.loop(), ports.clock(), store);
        this.dues = new Dues(ports.loop(), turn);
        this.books = new CustodyBooks(store, turn);
        this.numbers = new Numbers(store, turn);
        this.streams = new Streams(store, turn);
        this.clients = new ClientIds(store, turn);
        this.seenIds = new Remembered<>(
                store,
                turn,
                Kind.SEEN_ID,
                Records.SeenId::decode,
                Records.SeenId::encode,
                seen -> idName(seen.sender(), seen.id(), seen.recipient()));
        this.table = new CustodyTable(this);
        this.intake = new Intake(this);
        this.forwarding = new Forwarding(this);
        this.homeward = new Homeward(this);
        this.origin = new OriginDesk(this);
        this.local = new LocalDesk(this);
        this.receipts = new ReceiptDesk(this);
        this.inquiry = new Inquiry(this);
        this.mail = new IncomingMail(this);
        this.cameAgain = new CameAgain(this);
        this.rewraps = new Rewraps(this);
        this.doubts = new Doubts(this);
    }

    static String idName(Address sender, MessageId id, Address recipient) {
        return sender + " " + id + " " + recipient;
    }

    Route route(Address recipient) {
        return Router.route(routing, me, recipient, turn.now());
    }

    DiskGate.Traffic trafficFrom(Optional<OrganisationId> from) {
        if (from.isEmpty()) {
            return DiskGate.Traffic.OWN;
        }
        return routing.parents(me).contains(from.get()) ? DiskGate.Traffic.DOWN : DiskGate.Traffic.UP;
    }

    void event(What what, Optional<ErrorCode> code, Optional<MessageId> id, Detail about) {
        ports.events().happened(new DeliveryEvent(what, code, id, about.english()));
    }

    void event(What what, ErrorCode code, MessageId id, Detail about) {
        event(what, Optional.of(code), Optional.of(id), about);
    }

    void event(What what, MessageId id, Detail about) {
        event(what, Optional.empty(), Optional.of(id), about);
    }
}
