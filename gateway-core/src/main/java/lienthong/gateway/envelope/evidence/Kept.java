package lienthong.gateway.envelope.evidence;

import java.util.List;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.directory.DirectoryExtract;

/**
 * What proved the signers when the message settled, kept for when today's directory no longer does: certificates end after a year, evidence is
 * asked for after ten.
 *
 * @param certificates of signers
 * @param lists of their CAs, in force then
 * @param extracts the directory of then; several where it changed while evidence still came
 */
public record Kept(List<Certificate> certificates, List<RevocationList> lists, List<DirectoryExtract> extracts) {
    /** Of a message that has not settled yet. */
    public static final Kept NONE = new Kept(List.of(), List.of(), List.of());

    public Kept {
        certificates = List.copyOf(certificates);
        lists = List.copyOf(lists);
        extracts = List.copyOf(extracts);
    }
}
