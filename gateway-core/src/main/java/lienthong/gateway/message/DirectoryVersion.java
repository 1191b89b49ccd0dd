package lienthong.gateway.message;

/**
 * A logical clock: which signed directory somebody saw.
 *
 * @param number rises by one with each signed directory, from 1
 * @param hash SHA-256 of that directory's signed bytes
 */
public record DirectoryVersion(long number, Hash hash) implements Comparable<DirectoryVersion> {
    public DirectoryVersion {
        Invariant.check(number > 0, "directory version %d", number);
    }

    @Override
    public int compareTo(DirectoryVersion other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return number + " " + hash.hex();
    }
}
