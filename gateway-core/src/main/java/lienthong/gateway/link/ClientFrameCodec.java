package lienthong.gateway.link;

import static lienthong.gateway.link.FrameCodec.all;
import static lienthong.gateway.link.FrameCodec.clean;
import static lienthong.gateway.link.FrameCodec.copies;
import static lienthong.gateway.link.FrameCodec.copy;
import static lienthong.gateway.link.FrameCodec.hash;
import static lienthong.gateway.link.FrameCodec.require;
import static lienthong.gateway.link.FrameCodec.value;
import static lienthong.gateway.link.FrameCodec.wrap;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.link.Shape.Malformed;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.proto.wire.v1.Frame.BodyCase;

/** The frames between an embedded client and its node; see {@link FrameCodec}. */
final class ClientFrameCodec {
    private ClientFrameCodec() {}

    @FunctionalInterface
    private interface ClientReader {
        ClientFrame read(lienthong.proto.wire.v1.Frame frame) throws Malformed;
    }

    static void register(Map<BodyCase, FrameCodec.Reader> readers) {
        register(
                readers,
                BodyCase.ENROL,
                f -> new ClientFrame.Enrol(copy(f.getEnrol().getRequest())));
        register(readers, BodyCase.ENROLLED, f -> enrolled(f.getEnrolled()));
        register(
                readers,
                BodyCase.ATTACH,
                f -> new ClientFrame.Attach(
                        value(Address.parse(f.getAttach().getAddress())),
                        f.getAttach().getUnclean(),
                        f.getAttach().getWant()));
        register(
                readers,
                BodyCase.LEASE,
                f -> new ClientFrame.Lease(
                        f.getLease().getExtendList(), f.getLease().getWant()));
        register(readers, BodyCase.LEASED, f -> leased(f.getLeased()));
        register(
                readers,
                BodyCase.ACKNOWLEDGE,
                f -> new ClientFrame.Acknowledge(
                        f.getAcknowledge().getLease(), ids(f.getAcknowledge().getIdsList())));
        register(readers, BodyCase.RETURN, f -> returned(f.getReturn()));
        register(
                readers,
                BodyCase.TRACK,
                f -> new ClientFrame.Track(
                        f.getTrack().getRequest(), FrameCodec.id(f.getTrack().getId())));
        register(readers, BodyCase.TRACKED, f -> tracked(f.getTracked()));
        register(
                readers,
                BodyCase.LOOK_UP,
                f -> new ClientFrame.LookUp(
                        f.getLookUp().getRequest(), clean(f.getLookUp().getText())));
        register(
                readers,
                BodyCase.FOUND,
                f -> new ClientFrame.Found(
                        f.getFound().getRequest(),
                        copies(f.getFound().getEntriesList()),
                        copies(f.getFound().getRecordsList()),
                        present(clean(f.getFound().getNearest()))));
        register(
                readers,
                BodyCase.KEY_BUNDLE,
                f -> new ClientFrame.KeyBundle(copy(f.getKeyBundle().getRecord())));
        register(
                readers,
                BodyCase.WRAP_ANEW,
                f -> new ClientFrame.WrapAnew(
                        value(Address.parse(f.getWrapAnew().getRecipient())),
                        copy(f.getWrapAnew().getEnvelope())));
    }

    private static void register(Map<BodyCase, FrameCodec.Reader> readers, BodyCase body, ClientReader reader) {
        readers.put(body, (f, array) -> new Frame.Client(reader.read(f)));
    }

    private static ClientFrame enrolled(lienthong.proto.wire.v1.Enrolled body) throws Malformed {
        require((body.getError() == 0) != body.getIssued().isEmpty(), "issued or an error");
        return body.getError() == 0
                ? new ClientFrame.Enrolled(Optional.of(copy(body.getIssued())), Optional.empty())
                : new ClientFrame.Enrolled(
                        Optional.empty(), Optional.of(Frame.refusal(body.getError(), clean(body.getDetail()))));
    }

    private static ClientFrame leased(lienthong.proto.wire.v1.Leased body) throws Malformed {
        return new ClientFrame.Leased(
                body.getLease(),
                ids(body.getIdsList()),
                hash(body.getLeaf()),
                body.getSeconds(),
                body.getDeliveries(),
                body.getRedelivered(),
                body.getRewrap().isEmpty() ? Optional.empty() : Optional.of(copy(body.getRewrap())));
    }

    private static ClientFrame returned(lienthong.proto.wire.v1.Return body) throws Malformed {
        return new ClientFrame.Return(
                body.getLease(),
                ids(body.getIdsList()),
                ErrorCode.ofNumber(body.getReason()).orElse(ErrorCode.RETURNED_BY_APPLICATION),
                clean(body.getDetail()),
                body.getAgain());
    }

    private static ClientFrame tracked(lienthong.proto.wire.v1.Tracked body) throws Malformed {
        List<ClientFrame.Place> places = new ArrayList<>(body.getPlacesCount());
        for (lienthong.proto.wire.v1.Place place : body.getPlacesList()) {
            places.add(new ClientFrame.Place(
                    value(Address.parse(place.getRecipient())),
                    clean(place.getState()),
                    Instant.ofEpochMilli(place.getAtMs()),
                    ErrorCode.ofNumber(place.getReason())));
        }
        return new ClientFrame.Tracked(body.getRequest(), FrameCodec.id(body.getId()), places);
    }

    private static List<MessageId> ids(List<ByteString> list) throws Malformed {
        List<MessageId> ids = new ArrayList<>(list.size());
        for (ByteString id : list) {
            ids.add(FrameCodec.id(id));
        }
        return ids;
    }

    private static Optional<String> present(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    static void encode(ClientFrame frame, lienthong.proto.wire.v1.Frame.Builder out) {
        if (frame instanceof ClientFrame.Enrol f) {
            out.getEnrolBuilder().setRequest(wrap(f.request()));
        } else if (frame instanceof ClientFrame.Enrolled f) {
            lienthong.proto.wire.v1.Enrolled.Builder body = out.getEnrolledBuilder();
            f.issued().ifPresent(issued -> body.setIssued(wrap(issued)));
            f.refusal().ifPresent(no -> body.setError(no.reason().number()).setDetail(no.detail()));
        } else if (frame instanceof ClientFrame.Attach f) {
            out.getAttachBuilder()
                    .setAddress(f.address().toString())
                    .setUnclean(f.unclean())
                    .setWant(f.want());
        } else if (frame instanceof ClientFrame.Lease f) {
            out.getLeaseBuilder().addAllExtend(f.extend()).setWant(f.want());
        } else if (frame instanceof ClientFrame.Leased f) {
            lienthong.proto.wire.v1.Leased.Builder body = out.getLeasedBuilder()
                    .setLease(f.lease())
                    .addAllIds(all(f.ids(), id -> wrap(id.bytes())))
                    .setLeaf(wrap(f.leaf().bytes()))
                    .setSeconds(f.seconds())
                    .setDeliveries(f.deliveries())
                    .setRedelivered(f.redelivered());
            f.rewrap().ifPresent(rewrap -> body.setRewrap(wrap(rewrap)));
        } else if (frame instanceof ClientFrame.Acknowledge f) {
            out.getAcknowledgeBuilder().setLease(f.lease()).addAllIds(all(f.ids(), id -> wrap(id.bytes())));
        } else if (frame instanceof ClientFrame.Return f) {
            out.getReturnBuilder()
                    .setLease(f.lease())
                    .addAllIds(all(f.ids(), id -> wrap(id.bytes())))
                    .setReason(f.reason().number())
                    .setDetail(Detail.technical(f.detail()).english())
                    .setAgain(f.again());
        } else if (frame instanceof ClientFrame.Track f) {
            out.getTrackBuilder().setRequest(f.request()).setId(wrap(f.id().bytes()));
        } else if (frame instanceof ClientFrame.Tracked f) {
            lienthong.proto.wire.v1.Tracked.Builder body =
                    out.getTrackedBuilder().setRequest(f.request()).setId(wrap(f.id().bytes()));
            for (ClientFrame.Place place : f.places()) {
                body.addPlacesBuilder()
                        .setRecipient(place.recipient().toString())
                        .setState(place.state())
                        .setAtMs(Math.max(0, place.at().toEpochMilli()))
                        .setReason(place.reason().map(ErrorCode::number).orElse(0));
            }
        } else if (frame instanceof ClientFrame.LookUp f) {
            out.getLookUpBuilder().setRequest(f.request()).setText(f.text());
        } else if (frame instanceof ClientFrame.Found f) {
            out.getFoundBuilder()
                    .setRequest(f.request())
                    .addAllEntries(all(f.entries(), FrameCodec::wrap))
                    .addAllRecords(all(f.records(), FrameCodec::wrap))
                    .setNearest(f.nearest().orElse(""));
        } else if (frame instanceof ClientFrame.KeyBundle f) {
            out.getKeyBundleBuilder().setRecord(wrap(f.record()));
        } else if (frame instanceof ClientFrame.WrapAnew f) {
            out.getWrapAnewBuilder().setRecipient(f.recipient().toString()).setEnvelope(wrap(f.envelope()));
        } else {
            throw new Bug("no writer for " + frame.getClass().getSimpleName());
        }
    }
}
