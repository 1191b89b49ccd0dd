package lienthong.gateway.api;

import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Service;

/**
 * Who calls, as the configuration names him.
 *
 * @param name of the application; {@code operator} for the node's own user
 * @param addresses he may send from and receive for; empty = all of this node
 * @param services he may send and receive; empty = all
 * @param operator whether he may use the operators' API too
 */
public record Caller(String name, Set<Address> addresses, Set<Service> services, boolean operator) {
    public Caller {
        addresses = Set.copyOf(addresses);
        services = Set.copyOf(services);
    }

    public boolean mayUse(Address address) {
        return addresses.isEmpty() || addresses.contains(address);
    }

    public boolean mayUse(Service service) {
        return services.isEmpty() || services.contains(service);
    }

    /** His only address, if he has exactly one. */
    public Optional<Address> onlyAddress() {
        return addresses.size() == 1 ? Optional.of(addresses.iterator().next()) : Optional.empty();
    }
}
