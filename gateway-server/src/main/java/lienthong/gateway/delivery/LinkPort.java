package lienthong.gateway.delivery;

import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.OrganisationId;

/** What delivery asks of the links. The node pulls: it calls {@link Delivery#next} while a session has room. Called in the loop. */
public interface LinkPort {
    /** Something waits for this neighbour; if its session has room, pull. Called at most once a turn for each neighbour; may be ignored. */
    void wake(OrganisationId neighbour);

    /** An envelope refers to a directory this node has not seen: fetch it from this neighbour. */
    void directoryBehind(OrganisationId from, DirectoryVersion theirs);
}
