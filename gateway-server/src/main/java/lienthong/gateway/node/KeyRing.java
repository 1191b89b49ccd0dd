package lienthong.gateway.node;

import java.util.Optional;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;

/** The private keys of the addresses on this node, as sealing, opening and signing ask for them. Thread-safe. */
public interface KeyRing {
    /** Signs for an address that has an identity here; empty when it has none or its token is away. */
    Optional<SigningKey> signingKey(Address identity);

    /** Signs what the node says in its addresses' names: {@code delivered} and returns by policy. */
    SigningKey evidenceKey();

    /** Opens slots; empty when the key is not ours or was destroyed after its epoch. */
    Optional<RecipientPrivateKey> recipientKey(Address identity, Hash keyId);

    /** Has {@code forget} run, on any thread, whenever an epoch key was destroyed: what it has opened must not outlive it in memory. */
    void whenDestroyed(Runnable forget);

    /** The State cipher service's product, where one is installed: it seals and opens what is marked mật. */
    default Optional<InstalledCipher> cipher() {
        return Optional.empty();
    }
}
