package lienthong.gateway.store.check;

import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Spool;

/** Whether a spool file holds what the value that names it says; the store does not know what values mean. */
@FunctionalInterface
public interface PayloadJudge {
    /** What is wrong, in words; empty when the payload is the one meant, or the value says nothing about it. Reads all of it. */
    Optional<Detail> fault(Kind kind, Bytes value, Spool.Reader payload);
}
