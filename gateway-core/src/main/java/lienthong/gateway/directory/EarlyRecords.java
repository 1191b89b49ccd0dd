package lienthong.gateway.directory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;

/**
 * What one neighbour brought before that on which it stands, so that the same session asks for it again. Records and directories travel past each
 * other, records in frames of many: any order is lawful. Only hashes are kept, never what came, and of no more than
 * {@link Limits#EARLY_RECORDS_MAX}; beyond that a record waits for the next directory or session. Confined to the loop.
 */
public final class EarlyRecords {
    /** Record, and the certificate it waits for. */
    private final Map<Hash, Hash> waiting = new LinkedHashMap<>();

    private boolean any;

    /** Notes what a message of this neighbour brought too early. */
    public void note(List<DirectoryBook.Early> early) {
        for (DirectoryBook.Early one : early) {
            any = true;
            one.certificate()
                    .filter(certificate ->
                            waiting.size() < Limits.EARLY_RECORDS_MAX || waiting.containsKey(one.record()))
                    .ifPresent(certificate -> waiting.put(one.record(), certificate));
        }
    }

    /** More certificates are known: the records to ask for again. Each is given once for each time it came early. */
    public List<Hash> due(DirectoryBook book) {
        List<Hash> due = new ArrayList<>();
        waiting.entrySet().removeIf(one -> {
            if (!book.holdsCertificate(one.getValue())) {
                return false;
            }
            if (book.record(one.getKey()).isEmpty()) {
                due.add(one.getKey());
            }
            return true;
        });
        return due;
    }

    /**
     * A newer directory is in force: everything noted is forgotten.
     *
     * @return whether there was any: then the neighbour's list of records has to be asked for again
     */
    public boolean forget() {
        boolean were = any;
        any = false;
        waiting.clear();
        return were;
    }
}
