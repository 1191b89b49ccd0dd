package lienthong.gateway.client;

import lienthong.gateway.link.LinkSessions;

/** Makes connections to the node, again and again until closed, and gives each one's wire to the sessions as a dialled one. */
interface Connector extends AutoCloseable {
    /** In the loop. */
    void start(LinkSessions sessions);

    /** Any thread. */
    @Override
    void close();
}
