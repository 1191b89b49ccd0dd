package lienthong.gateway.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/** What commands may ask of a data folder while no node runs on it. Main gives the real one: commands know neither the store nor the audit log. */
public interface DataFolders {
    /**
     * Reads everything that is kept there and changes nothing. Blocks for as long as the disk takes.
     *
     * @return what was found; {@code NO_INPUT} when there is no store, {@code DATA_IN_USE} when a node runs on it, {@code STORE_UNREADABLE} or
     *     {@code STORE_NEWER} as a start would say
     */
    Result<StoreReport> check(Path data);

    /**
     * Writes a backup: a new folder, complete and checked when it is there.
     *
     * @param from below {@code data}, a snapshot of the running node; or {@code data} itself, whose node is stopped
     * @param to absent; its folder is there
     * @return {@code DATA_IN_USE}, {@code WRITE_FAILED}, or why what was copied is no store
     */
    Result<BackupReport> backup(Path data, Path from, Path to);

    /**
     * Puts a backup back into a folder that is absent or empty: complete and checked when it is there. Its node's next start compares it with what the
     * neighbours remember before anything is answered.
     *
     * @param acceptLoss it goes on although they remember more
     * @return {@code NO_INPUT}, {@code OUTPUT_EXISTS}, {@code RECORD_DAMAGED} with the first file that is not what was written, {@code WRITE_FAILED}
     */
    Result<BackupReport> restore(Path backup, Path data, boolean acceptLoss);

    /**
     * The folder's node goes on although its neighbours remember more than this disk.
     *
     * @return the time from which it counts as put back; {@code NO_INPUT}, {@code DATA_IN_USE}, {@code WRITE_FAILED}
     */
    Result<Instant> acceptLoss(Path data);

    /** Removes a snapshot of a node. */
    void removeSnapshot(Path snapshot);

    /**
     * What a backup holds.
     *
     * @param store what a check of it found: what is damaged in the node's folder is damaged in its copy
     */
    record BackupReport(Path folder, Instant at, int files, long bytes, StoreReport store) {}

    /**
     * Looks at what lies under a node that does not run: clock, disk, modes, configuration, certificates, directory, versions. Writes and removes one
     * small file.
     *
     * @param version of this program
     * @return {@code NO_INPUT} when there is no such folder
     */
    Result<List<OperatorDoor.Finding>> diagnose(Path data, String version);

    /**
     * Takes the machine's clock for right from now on, though a later time was signed in the folder.
     *
     * @return the later of that time and now; {@code NO_INPUT}, {@code DATA_IN_USE}, {@code WRITE_FAILED}
     */
    Result<Instant> acceptClock(Path data);

    /**
     * What was found.
     *
     * @param segments files of the log
     * @param lastNumber of the last good record
     * @param live values of each kind that has any, by its name in lower case
     * @param archiveFiles months
     * @param archived records of each kind that has any
     * @param spoolFiles that values name
     * @param spoolBytes of their payloads
     * @param damages what was good once and is not now
     * @param orphans spool files that nothing names; the next start removes them
     * @param unfinished files with an end that was never acknowledged; the next start cuts it off
     * @param auditEvents that are whole
     * @param auditCheckpoints that agree; their signatures are judged by {@code audit verify}
     * @param gravest why the command ends with an error; empty when all is whole
     */
    record StoreReport(
            int segments,
            long lastNumber,
            Map<String, Integer> live,
            int archiveFiles,
            Map<String, Long> archived,
            int spoolFiles,
            long spoolBytes,
            List<Damaged> damages,
            List<String> orphans,
            List<String> unfinished,
            View view,
            long auditEvents,
            int auditCheckpoints,
            Optional<Refusal> gravest) {
        public StoreReport {
            damages = List.copyOf(damages);
            orphans = List.copyOf(orphans);
            unfinished = List.copyOf(unfinished);
        }
    }

    /** Which part of the folder is damaged; the catalogue has {@code store.damage.} and the name. */
    enum Part {
        /** A place in the log, or one of its files. */
        LOG,
        ARCHIVE,
        SPOOL,
        VIEW,
        AUDIT
    }

    /**
     * Damage.
     *
     * @param file relative to the data folder
     * @param offset first byte; 0 when it is the whole file
     * @param bytes how many; 0 when unknown
     * @param records how many are lost; 0 when none or unknown
     * @param detail what it was or why, technical; may be empty
     * @param known a start has set it aside and told of it before
     */
    record Damaged(Part part, String file, long offset, long bytes, long records, Detail detail, boolean known) {}

    /**
     * How {@code view.db} compares with what the log gives.
     *
     * @param state {@code agrees}, {@code absent}, {@code damaged} or {@code differs}
     * @param lines compared
     * @param behind values it has not seen yet, as after an unclean stop
     * @param wrong lines missing, too many or different
     */
    record View(String state, long lines, long behind, long wrong) {}
}
