package lienthong.gateway.audit;

import lienthong.gateway.message.Bytes;

/** Signs a checkpoint's text with the node's evidence key, which this room does not know. May block; may be asked from any thread. */
@FunctionalInterface
public interface CheckpointSigner {
    /** A CMS signature over {@code text}, DER. */
    Bytes sign(Bytes text);
}
