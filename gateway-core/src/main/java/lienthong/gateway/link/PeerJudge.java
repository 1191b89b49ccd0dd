package lienthong.gateway.link;

import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Refusal;

/** Decides who stands behind a certificate, by the directory. Thread-safe: called on network threads, during the handshake. Must not block. */
@FunctionalInterface
public interface PeerJudge {
    /**
     * @param chain DER certificates as presented, leaf first; 1 to {@link #CHAIN_MAX}; possession of the leaf's key is proven by TLS afterwards
     */
    Verdict judge(List<Bytes> chain);

    /** Certificates in a chain. */
    int CHAIN_MAX = 4;

    /** What becomes of a connection. */
    sealed interface Verdict {
        /** A session for this peer. */
        record Admit(Peer peer) implements Verdict {}

        /** Known well enough to be told why not, in a frame. */
        record Tell(Closing why) implements Verdict {}

        /** A stranger: a TLS alert and nothing else; the refusal is for our log. */
        record Alert(Refusal why) implements Verdict {}
    }
}
