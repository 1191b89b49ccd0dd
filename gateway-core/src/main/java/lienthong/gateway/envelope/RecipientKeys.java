package lienthong.gateway.envelope;

import java.util.Optional;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.message.Hash;

/** The private keys of one address, by key id. */
@FunctionalInterface
public interface RecipientKeys {
    /** Empty when it is not this address's, or was destroyed after its epoch. */
    Optional<RecipientPrivateKey> byId(Hash keyId);
}
