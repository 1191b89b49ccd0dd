package lienthong.gateway.envelope.evidence;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.directory.DirectoryExtract;

/**
 * What proved the signers when the message settled, kept for when today's directory no longer does: certificates end after a year, evidence is
 * asked for after ten.
 *
 * @param certificates of signers
 * @param lists of their CAs, in force then
 * @param extract the directory of then
 */
public record Kept(List<Certificate> certificates, List<RevocationList> lists, Optional<DirectoryExtract> extract) {
    /** Of a message that has not settled yet. */
    public static final Kept NONE = new Kept(List.of(), List.of(), Optional.empty());

    public Kept {
        certificates = List.copyOf(certificates);
        lists = List.copyOf(lists);
    }
}
