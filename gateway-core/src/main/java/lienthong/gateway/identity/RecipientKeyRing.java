package lienthong.gateway.identity;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;

/**
 * The epoch keys that still open, found by the key id that stands in a slot. Thread-safe: openers on worker threads read while the loop
 * renews. A key that was destroyed is gone from it.
 */
public final class RecipientKeyRing {
    private final Map<Hash, Entry> keys = new ConcurrentHashMap<>();

    private final List<Runnable> forgetful = new CopyOnWriteArrayList<>();

    private record Entry(Address address, RecipientPrivateKey key) {}

    RecipientKeyRing() {}

    void add(Address address, RecipientPrivateKey key) {
        keys.put(key.publicKey().keyId(), new Entry(address, key));
    }

    void destroy(Hash keyId) {
        Entry gone = keys.remove(keyId);
        if (gone != null) {
            gone.key.destroy();
            forgetful.forEach(Runnable::run);
        }
    }

    void destroyAll() {
        keys.keySet().forEach(this::destroy);
    }

    /**
     * Has {@code forget} run after each destruction of a key, on the thread that destroys: for whoever keeps what a key has opened, or what would
     * open without it. Otherwise a memory image of later would still hold it.
     */
    public void whenDestroyed(Runnable forget) {
        forgetful.add(forget);
    }

    /** The private key for a slot's key id; empty for a stranger's and for one already destroyed. */
    public Optional<RecipientPrivateKey> find(Hash keyId) {
        return Optional.ofNullable(keys.get(keyId)).map(Entry::key);
    }

    /** Whose key it is. */
    public Optional<Address> addressOf(Hash keyId) {
        return Optional.ofNullable(keys.get(keyId)).map(Entry::address);
    }

    /** How many keys are held. */
    public int size() {
        return keys.size();
    }
}
