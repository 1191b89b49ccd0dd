package lienthong.gateway.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that were written and cannot be believed any more. They lie in {@code quarantine/} under {@link #quarantineFile}.
 *
 * @param file where, relative to the data folder
 * @param offset first byte
 * @param length bytes until the next good record
 * @param records how many records are lost, by their numbers; at least 1
 * @param claimedKind what the damaged record said it was, when that is still plausible: a hint, not a fact
 * @param claimedKey the key it said it had; meaningful with {@code claimedKind}
 * @param quarantineFile where the bytes are kept, relative to the data folder
 */
public record Damage(
        String file,
        long offset,
        long length,
        long records,
        @Nullable Kind claimedKind,
        long claimedKey,
        String quarantineFile) {
    public Optional<Kind> kind() {
        return Optional.ofNullable(claimedKind);
    }
}
