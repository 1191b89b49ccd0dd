package lienthong.gateway.link;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;

/**
 * What this node says about itself at the start of a session.
 *
 * @param name the node's organisation code, or a client's address; must be the one its certificate stands for
 * @param incarnation of this node's key set
 * @param directory the directory in force here; empty before the first
 * @param recordsSet hash over all self-certifying records held here, so that equal sets cost nothing
 * @param custodyBack the latest custody mark this peer gave us, if it ever gave one
 * @param clock what this node claims the time is
 * @param features words for abilities outside the version, {@code [a-z0-9-]{1,32}}, at most 32
 */
public record HelloDetails(
        String name,
        Incarnation incarnation,
        Optional<DirectoryVersion> directory,
        Hash recordsSet,
        Optional<CustodyMark> custodyBack,
        Instant clock,
        List<String> features) {
    public HelloDetails {
        features = List.copyOf(features);
    }
}
