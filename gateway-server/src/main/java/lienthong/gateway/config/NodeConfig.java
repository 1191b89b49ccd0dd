package lienthong.gateway.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Service;

/**
 * What the file says; everything else a node knows comes from its keys and the directory.
 *
 * @param node its organisation
 * @param data its folder, absolute
 * @param dial where it dials, in the order of trying
 * @param listen where it takes links; empty: it only dials
 * @param socketForGroup whether the data folder's group may use the API's socket
 * @param apiListen where the API listens with TLS; empty: Unix socket only
 * @param applications who may call; nothing listed: only the node's own user
 * @param language of its texts, {@code vi} or {@code en}
 * @param keyPassphraseFile the passphrase of its keys; empty: keys protected by file modes alone
 * @param keepDeliveredDays how long the origin keeps a payload after it was delivered and not yet taken
 * @param jsonLog one JSON object a line instead of words
 */
public record NodeConfig(
        OrganisationId node,
        Path data,
        List<HostPort> dial,
        Optional<HostPort> listen,
        boolean socketForGroup,
        Optional<HostPort> apiListen,
        List<App> applications,
        Optional<String> language,
        Optional<Path> keyPassphraseFile,
        int keepDeliveredDays,
        boolean jsonLog) {
    /** As the product decides when nothing is said: a week covers a closed office. */
    public static final int KEEP_DELIVERED_DAYS = 7;

    public NodeConfig {
        dial = List.copyOf(dial);
        applications = List.copyOf(applications);
    }

    /** The same in the language that was chosen for this run: an option and the environment come before the file. */
    public NodeConfig speaking(String chosen) {
        return new NodeConfig(
                node,
                data,
                dial,
                listen,
                socketForGroup,
                apiListen,
                applications,
                Optional.of(chosen),
                keyPassphraseFile,
                keepDeliveredDays,
                jsonLog);
    }

    /** The API's Unix socket. */
    public Path socket() {
        return data.resolve("run").resolve("api.sock");
    }

    /**
     * A program that may call.
     *
     * @param uid its user on this machine
     * @param certificate SHA-256 of its client certificate
     * @param addresses it may use; empty = all of this node, where the file says {@code all}
     * @param services it may use; empty = all, where the file says so
     */
    public record App(
            String name,
            Optional<Integer> uid,
            Optional<Hash> certificate,
            Set<Address> addresses,
            Set<Service> services) {
        public App {
            addresses = Set.copyOf(addresses);
            services = Set.copyOf(services);
        }
    }
}
