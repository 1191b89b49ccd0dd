package lienthong.gateway.api;

import io.grpc.Attributes;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.AsciiString;
import java.io.IOException;

/**
 * Asks the kernel who is at the other end of a Unix socket (SO_PEERCRED) before the first call, and puts the answer into the transport's
 * attributes. gRPC has no public door for this; its "Internal" classes are the ones it keeps for such integrations.
 */
final class PeerNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
    /** User id of the process at the other end; absent on anything but a Unix socket. */
    static final Attributes.Key<Integer> PEER_UID = Attributes.Key.create("lienthong.peer-uid");

    @Override
    public AsciiString scheme() {
        return AsciiString.of("http");
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                if (!(event instanceof ProtocolNegotiationEvent start)) {
                    context.fireUserEventTriggered(event);
                    return;
                }
                ChannelHandler next = InternalProtocolNegotiators.waitUntilActiveHandler(
                        InternalProtocolNegotiators.grpcNegotiationHandler(grpc), grpc.getNegotiationLogger());
                context.pipeline().addAfter(context.name(), null, next);
                context.fireUserEventTriggered(withPeer(context, start));
                context.pipeline().remove(context.name());
            }
        };
    }

    private static ProtocolNegotiationEvent withPeer(ChannelHandlerContext context, ProtocolNegotiationEvent event) {
        if (!(context.channel() instanceof EpollDomainSocketChannel socket)) {
            return event;
        }
        try {
            PeerCredentials peer = socket.peerCredentials();
            Attributes attributes = InternalProtocolNegotiationEvent.getAttributes(event).toBuilder()
                    .set(PEER_UID, peer.uid())
                    .build();
            return InternalProtocolNegotiationEvent.withAttributes(event, attributes);
        } catch (IOException gone) {
            // The peer has left already: nobody is known, so nobody is let in.
            return event;
        }
    }

    @Override
    public void close() {}
}
