package lienthong.gateway.api;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.OrganisationId;

/**
 * Where the API listens and whom it serves.
 *
 * @param node this node; the address of a caller who names none
 * @param data folder, absolute; shown to operators
 * @param socket the Unix socket, absolute; its folder is made 0700 when absent
 * @param socketForGroup whether the group of the data folder may connect (socket 0660, folder 0750); else only the owner (0600, 0700)
 * @param tls where to listen for other machines of the same office
 * @param applications who may call; nothing listed: only the user the node runs as
 * @param version of the program
 */
public record ApiSettings(
        OrganisationId node,
        Path data,
        Path socket,
        boolean socketForGroup,
        Optional<Tls> tls,
        List<Application> applications,
        String version) {
    public ApiSettings {
        applications = List.copyOf(applications);
    }

    /**
     * A TLS 1.3 listener; callers are known by their certificates.
     *
     * @param host to bind, an address or a name of this machine
     * @param port 0 for any free one
     * @param key ECDSA P-256
     * @param chain its certificate first
     */
    public record Tls(String host, int port, PrivateKey key, List<X509Certificate> chain) {
        public Tls {
            chain = List.copyOf(chain);
        }
    }
}
