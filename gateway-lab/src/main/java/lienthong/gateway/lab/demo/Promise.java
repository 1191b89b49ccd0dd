package lienthong.gateway.lab.demo;

import java.util.Locale;

/** What the demonstration shows, in the order of its table. Names in JSON are these in lower case; they are kept. */
enum Promise {
    /** The document arrived at both recipients, once, bit for bit. */
    ARRIVED_INTACT,
    /** Signed receipts of every recipient are at the sender. */
    RECEIPTS_HOME,
    /** The sender's {@code track} shows each hop with its time. */
    PATH_TRACKED,
    /** After the hub was killed, the transfer went on where it was. */
    RESUMES_AFTER_KILL,
    /** No relay's data folder holds plaintext. */
    RELAYS_CANNOT_READ,
    /** The exported evidence holds, checked with openssl and sha256sum alone. */
    EVIDENCE_VERIFIES,
    /** The same check finds one changed byte. */
    ALTERED_EVIDENCE_FOUND,
    /** A document marked tối mật is refused at submission. */
    TOO_SECRET_REFUSED,
    /** A message changed after it was sealed is refused by the first node that sees it. */
    FORGED_REFUSED,
    /** The same sealed bytes sent again are recognised and not handed over again. */
    REPLAY_REFUSED,
    /** Nothing stopped the demonstration before its end. */
    RAN_TO_THE_END;

    /** In JSON and in the catalogues. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
