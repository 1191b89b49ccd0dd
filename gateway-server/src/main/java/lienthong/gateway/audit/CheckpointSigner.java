package lienthong.gateway.audit;

import java.time.Instant;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/** Signs checkpoints' texts with the node's evidence key, which this room does not know. May block; may be asked from any thread. */
public interface CheckpointSigner {
    /** The evidence certificate's hash: stands in the text before it is signed. */
    Hash certificate();

    /** A CMS signature over {@code text} by that certificate, DER. */
    Bytes sign(Bytes text, Instant at);
}
