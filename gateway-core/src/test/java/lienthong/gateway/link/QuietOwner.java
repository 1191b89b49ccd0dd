package lienthong.gateway.link;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A node for real loops: counts what happens to it, readable from the test's thread. */
public final class QuietOwner extends TestOwner {
    public final AtomicInteger readyCount = new AtomicInteger();
    public final List<LinkEnd> endings = new CopyOnWriteArrayList<>();

    public QuietOwner(String name) {
        super(name);
    }

    @Override
    public void onReady(LinkSession session) {
        readyCount.incrementAndGet();
    }

    @Override
    public void onClosed(LinkSession session, LinkEnd end) {
        endings.add(end);
    }
}
