package lienthong.gateway.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.config.NodeConfig;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;

/** Runs a node in this process; main gives the real one. */
public interface NodeRunner {
    /**
     * Opens the data folder, starts everything, and returns when the node has stopped.
     *
     * @param passphrase of its keys; the caller overwrites it afterwards
     * @param version of the program
     * @param ready called once, when links and API are served
     * @return why it could not start or had to stop; empty for an orderly stop
     */
    Optional<Refusal> run(NodeConfig config, Optional<char[]> passphrase, String version, Consumer<Ready> ready);

    /**
     * What serves now.
     *
     * @param listen host:port taken for links, the real port; empty: it only dials
     * @param apiListen host:port of the API's TLS listener
     */
    record Ready(OrganisationId node, Path socket, Optional<String> listen, Optional<String> apiListen) {}
}
