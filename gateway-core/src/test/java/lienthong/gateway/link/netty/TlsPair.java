package lienthong.gateway.link.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;

/** Two TLS ends in memory, with a tap between them that keeps every byte. */
final class TlsPair {
    final SslHandler server;
    final SslHandler client;
    final EmbeddedChannel serverEnd;
    final EmbeddedChannel clientEnd;
    final ByteArrayOutputStream tap = new ByteArrayOutputStream();

    TlsPair(SslContext server, SslContext client) {
        this.server = server.newHandler(io.netty.buffer.UnpooledByteBufAllocator.DEFAULT);
        this.client = client.newHandler(io.netty.buffer.UnpooledByteBufAllocator.DEFAULT);
        this.serverEnd = new EmbeddedChannel(this.server);
        this.clientEnd = new EmbeddedChannel(this.client);
    }

    /** Carries bytes both ways until none are left. */
    TlsPair settle() {
        boolean moved = true;
        while (moved) {
            boolean up = carry(clientEnd, serverEnd);
            boolean down = carry(serverEnd, clientEnd);
            moved = up || down;
        }
        return this;
    }

    private boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
        from.runPendingTasks();
        boolean moved = false;
        for (ByteBuf out = from.readOutbound(); out != null; out = from.readOutbound()) {
            byte[] copy = new byte[out.readableBytes()];
            out.getBytes(out.readerIndex(), copy);
            tap.writeBytes(copy);
            moved = true;
            try {
                to.writeInbound(out);
            } catch (Exception refused) {
                // the handshake future tells
            }
        }
        return moved;
    }

    boolean handshaken() {
        return server.handshakeFuture().isSuccess() && client.handshakeFuture().isSuccess();
    }
}
