package lienthong.gateway.node;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.delivery.LeasedMessage;
import lienthong.gateway.message.Service;

/**
 * One leased message, opened: every check was passed.
 *
 * @param leased as delivery lent it
 * @param service from the manifest
 * @param parts with their checked hashes
 * @param content small ones in memory, large ones as a stream that reads the spool again
 */
record HandOver(
        LeasedMessage leased,
        Service service,
        Optional<String> subject,
        Optional<String> contentType,
        Optional<String> correlation,
        Optional<String> ordering,
        List<Draft.Part> parts,
        ReceiveDoor.Content content) {
    HandOver {
        parts = List.copyOf(parts);
    }
}
