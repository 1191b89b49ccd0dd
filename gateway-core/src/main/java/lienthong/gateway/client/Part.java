package lienthong.gateway.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import lienthong.gateway.message.Bytes;

/**
 * One part of a message to send.
 *
 * @param length bytes
 * @param content opened once for each sealing
 */
record Part(String name, String type, long length, Content content) {
    /** Where the bytes come from. */
    @FunctionalInterface
    interface Content {
        InputStream open() throws IOException;
    }

    static Part of(String name, String type, byte[] bytes) {
        Bytes copy = Bytes.copyOf(bytes);
        return new Part(name, type, copy.size(), () -> new ByteArrayInputStream(copy.toArray()));
    }
}
