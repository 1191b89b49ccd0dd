package lienthong.gateway.node;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import lienthong.gateway.message.Hash;

/**
 * How far a node has come with the records of one neighbour, for whoever may not go on before it knows all of them: complete when the neighbour's whole list
 * was read and everything in it is held here, or has come and was refused. Confined to the loop.
 */
final class RecordExchange {
    /** What was asked for, and whether it came. */
    private final Map<Hash, Boolean> asked = new HashMap<>();
    /** The list that is being read. */
    private final Set<Hash> listed = new HashSet<>();

    private long directory;
    private boolean listDue = true;
    private boolean complete;

    /** @param directory number of the directory that the neighbour has in force: its records may stand on that */
    RecordExchange(long directory) {
        this.directory = directory;
    }

    /** What the end of a list means. */
    enum Stand {
        COMPLETE,
        /** Something on the list was never asked for, since the directory changed meanwhile: the list is to be asked for again. */
        LIST_AGAIN,
        /** What was asked for is on its way. */
        WAITING
    }

    /** Part of the neighbour's list; gives what is to be asked for. */
    List<Hash> list(List<Hash> hashes, Predicate<Hash> held) {
        listed.addAll(hashes);
        return hashes.stream()
                .filter(hash -> !held.test(hash) && asked.putIfAbsent(hash, false) == null)
                .toList();
    }

    Stand listEnded(Predicate<Hash> held, long directoryHere) {
        List<Hash> missing = listed.stream().filter(hash -> !held.test(hash)).toList();
        listed.clear();
        complete |= directoryHere >= directory && missing.stream().allMatch(hash -> asked.getOrDefault(hash, false));
        listDue = !complete && !asked.keySet().containsAll(missing);
        return complete ? Stand.COMPLETE : listDue ? Stand.LIST_AGAIN : Stand.WAITING;
    }

    /** These came; whether the neighbour's list is to be asked for again. */
    boolean came(List<Hash> hashes) {
        hashes.forEach(hash -> asked.put(hash, true));
        return wantsList();
    }

    /** These came too early and are asked for once more. */
    void askedAgain(List<Hash> hashes) {
        hashes.forEach(hash -> asked.put(hash, false));
    }

    /** Another directory is in force here, or the neighbour's was refused: what did not fit before may fit now. Whether its list is to be asked for again. */
    boolean directoryCame(boolean refused) {
        if (refused) {
            directory = 0;
        }
        asked.clear();
        return wantsList();
    }

    private boolean wantsList() {
        boolean now = !complete && !listDue;
        listDue |= now;
        return now;
    }
}
