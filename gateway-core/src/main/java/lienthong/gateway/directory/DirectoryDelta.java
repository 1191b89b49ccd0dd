package lienthong.gateway.directory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Result;

/**
 * What changed between two directories. Applying it gives the whole signed directory, which is then verified as any other: a delta needs no
 * trust.
 *
 * @param base SHA-256 of the base's head
 * @param removed positions of the base's entries that are gone, ascending
 * @param added new entries, ascending
 * @param head of the new directory
 * @param signatures over the new head
 * @param certificates those the base does not carry
 * @param rootCrl of the new directory
 */
public record DirectoryDelta(
        Hash base,
        List<Integer> removed,
        List<Bytes> added,
        Bytes head,
        DoubleSignature signatures,
        List<Bytes> certificates,
        Bytes rootCrl) {
    public DirectoryDelta {
        removed = List.copyOf(removed);
        added = List.copyOf(added);
        certificates = List.copyOf(certificates);
    }

    /** The difference; small when little changed, whatever the versions in between. */
    public static DirectoryDelta between(SignedDirectory from, SignedDirectory to) {
        Set<Bytes> kept = new HashSet<>(to.entries());
        List<Integer> removed = new ArrayList<>();
        for (int i = 0; i < from.entries().size(); i++) {
            if (!kept.contains(from.entries().get(i))) {
                removed.add(i);
            }
        }
        Set<Bytes> known = new HashSet<>(from.entries());
        Set<Bytes> carried = new HashSet<>(from.certificates());
        return new DirectoryDelta(
                from.hash(),
                removed,
                to.entries().stream().filter(entry -> !known.contains(entry)).toList(),
                to.head(),
                to.signatures(),
                to.certificates().stream()
                        .filter(certificate -> !carried.contains(certificate))
                        .toList(),
                to.rootCrl());
    }

    /** The new directory, unverified; DIRECTORY_INVALID when this is not a delta to {@code from}. */
    public Result<SignedDirectory> applyTo(SignedDirectory from) {
        if (!from.hash().equals(base)) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "delta to another version");
        }
        Set<Integer> gone = new HashSet<>(removed);
        List<Bytes> entries = new ArrayList<>(from.entries().size() + added.size());
        for (int i = 0; i < from.entries().size(); i++) {
            if (!gone.remove(i)) {
                entries.add(from.entries().get(i));
            }
        }
        if (!gone.isEmpty()) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "delta removes what is not there");
        }
        entries.addAll(added);
        entries.sort(null);
        if (entries.isEmpty()) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "delta leaves nothing");
        }
        List<Bytes> all = new ArrayList<>(from.certificates());
        all.addAll(certificates);
        return DirectoryVerifier.orderCertificates(from.root(), entries, all)
                .map(ordered -> new SignedDirectory(from.root(), head, signatures, entries, ordered, rootCrl));
    }

    public Bytes toBytes() {
        return DirectoryWire.write(this);
    }

    /** From outside; DIRECTORY_INVALID for what is not such a delta or is too large. */
    public static Result<DirectoryDelta> parse(Bytes bytes) {
        return DirectoryWire.parseDelta(bytes);
    }
}
