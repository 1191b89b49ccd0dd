package lienthong.gateway.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.message.Bytes;

/** Two wires in memory within one loop. May: be cut. Never: reorders, alters or drops before the cut. */
final class Wires {
    private final Loop loop;
    final End client = new End();
    final End node = new End();
    private boolean cut;

    Wires(Loop loop) {
        this.loop = loop;
        client.other = node;
        node.other = client;
    }

    /** Both sides hear that the connection broke. In the loop. */
    void cut() {
        if (!cut) {
            cut = true;
            client.session.ifPresent(LinkSession::cut);
            node.session.ifPresent(LinkSession::cut);
        }
    }

    /** One side. */
    final class End implements Wire {
        Optional<LinkSession> session = Optional.empty();
        private final List<Bytes> queued = new ArrayList<>();
        /** Every frame that left here. */
        final List<Bytes> sent = new ArrayList<>();

        private End other = this;

        @Override
        public void send(Bytes frame) {
            queued.add(frame);
            sent.add(frame);
        }

        @Override
        public void flush() {
            for (Bytes frame : List.copyOf(queued)) {
                loop.execute(() -> {
                    if (!cut) {
                        other.session.ifPresent(there -> there.received(frame));
                    }
                });
            }
            queued.clear();
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void close() {
            flush();
            loop.execute(Wires.this::cut);
        }
    }
}
