package lienthong.gateway.crypto;

/** What makes a signature: a key of ours, or one behind the JDK's interface that may sit in a token. */
interface RawSigner {
    KeyAlgorithm algorithm();

    /** @throws TokenAway when the key is in a token that does not answer */
    byte[] sign(byte[] content);
}
