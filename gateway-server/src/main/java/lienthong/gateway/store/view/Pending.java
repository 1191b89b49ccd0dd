package lienthong.gateway.store.view;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lienthong.gateway.store.Kind;

/** Keys whose lines are behind. What came and went meanwhile is forgotten at once. Used under its owner's lock. */
final class Pending {
    private final Set<Kind> kinds;
    private final Map<Key, Boolean> keys = new LinkedHashMap<>();

    /** A value's place. */
    record Key(Kind kind, long key) {}

    Pending(Set<Kind> kinds) {
        this.kinds = new HashSet<>(kinds);
    }

    boolean concerns(Kind kind) {
        return kinds.contains(kind);
    }

    /** @param mayShow whether the view may have a line of it already */
    void add(Kind kind, long key, boolean mayShow, boolean isThere) {
        Key place = new Key(kind, key);
        Boolean shown = keys.get(place);
        boolean shows = shown == null ? mayShow : shown;
        if (!isThere && !shows) {
            keys.remove(place);
        } else {
            keys.put(place, shows);
        }
    }

    int size() {
        return keys.size();
    }

    List<Key> take(int limit) {
        List<Key> taken = new ArrayList<>();
        for (var entries = keys.keySet().iterator(); entries.hasNext() && taken.size() < limit; ) {
            taken.add(entries.next());
            entries.remove();
        }
        return taken;
    }
}
