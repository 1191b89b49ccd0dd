package lienthong.gateway.api;

import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Service;

/**
 * A program that may call, as the configuration lists it.
 *
 * @param name for logs and the audit
 * @param uid its user on this machine
 * @param certificate SHA-256 of its client certificate (DER), for TLS
 * @param addresses it may use; empty = all of this node
 * @param services it may use; empty = all
 */
public record Application(
        String name, Optional<Integer> uid, Optional<Hash> certificate, Set<Address> addresses, Set<Service> services) {
    public Application {
        addresses = Set.copyOf(addresses);
        services = Set.copyOf(services);
    }

    Caller caller() {
        return new Caller(name, addresses, services, false);
    }
}
