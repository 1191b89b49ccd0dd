package lienthong.gateway.directory;

import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/** One thing the authority states, a strict text of its own in the signed list. Immutable. */
public sealed interface DirectoryEntry
        permits OrganisationEntry, NodeEntry, Policy, RevocationEntry, InvitationEntry, FreshnessKeyEntry {
    /** Kind and name, unique in a directory. */
    String entryKey();

    /** The strict text, as it is hashed into the directory's tree. */
    Bytes text(Hash network);
}
