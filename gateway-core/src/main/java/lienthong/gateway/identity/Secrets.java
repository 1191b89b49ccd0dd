package lienthong.gateway.identity;

import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.UnsafeKeyAccess;
import lienthong.gateway.message.Bytes;

/** The one place of this room where secret bytes are seen: put together and taken apart for their files, handed to the TLS engine. */
final class Secrets {
    private Secrets() {}

    /** A secret of public-typed bytes just read or derived; the caller lets go of them. */
    static SecretBytes of(Bytes bytes) {
        byte[] copy = bytes.toArray();
        SecretBytes secret = SecretBytes.copyOf(copy, UnsafeKeyAccess.get());
        Arrays.fill(copy, (byte) 0);
        return secret;
    }

    /** The bytes, to be written where file modes alone protect them, or into a sealed message. */
    static Bytes reveal(SecretBytes secret) {
        return Bytes.ofOwned(secret.copy(UnsafeKeyAccess.get()));
    }

    /** Several in one: each behind its length (4 bytes). */
    static SecretBytes join(List<SecretBytes> parts) {
        ByteBuffer joined = ByteBuffer.allocate(
                parts.stream().mapToInt(part -> 4 + part.size()).sum());
        for (SecretBytes part : parts) {
            byte[] bytes = part.copy(UnsafeKeyAccess.get());
            joined.putInt(bytes.length).put(bytes);
            Arrays.fill(bytes, (byte) 0);
        }
        SecretBytes secret = SecretBytes.copyOf(joined.array(), UnsafeKeyAccess.get());
        Arrays.fill(joined.array(), (byte) 0);
        return secret;
    }

    /** Undoes {@link #join}; empty when it is not {@code count} parts. */
    static Optional<List<SecretBytes>> split(SecretBytes joined, int count) {
        byte[] bytes = joined.copy(UnsafeKeyAccess.get());
        ByteBuffer left = ByteBuffer.wrap(bytes);
        List<SecretBytes> parts = new ArrayList<>();
        while (left.remaining() >= 4 && parts.size() < count) {
            int size = left.getInt();
            if (size < 0 || size > left.remaining()) {
                break;
            }
            byte[] part = new byte[size];
            left.get(part);
            parts.add(SecretBytes.copyOf(part, UnsafeKeyAccess.get()));
            Arrays.fill(part, (byte) 0);
        }
        boolean whole = parts.size() == count && !left.hasRemaining();
        Arrays.fill(bytes, (byte) 0);
        return whole ? Optional.of(parts) : Optional.empty();
    }

    /** The key in the JDK's type, as TLS engines want it. */
    static PrivateKey jdk(OwnKey key) {
        return key.toJdk(UnsafeKeyAccess.get());
    }
}
