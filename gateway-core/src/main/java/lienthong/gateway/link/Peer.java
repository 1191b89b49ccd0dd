package lienthong.gateway.link;

import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;

/** Who is at the other end of a session, as the judge of certificates found; decides which frames may come. */
public sealed interface Peer {
    /** The name that the peer's hello must carry; empty where any will do. */
    String name();

    /** A node of the directory; its leaf chains to the CA that the directory lists for it. */
    record Node(OrganisationId id) implements Peer {
        @Override
        public String name() {
            return id.text();
        }
    }

    /** An embedded client that seals and opens for one address itself. */
    record Client(Address address) implements Peer {
        @Override
        public String name() {
            return address.toString();
        }
    }

    /** Chains to the network's root but stands in no directory known here: may exchange directories and nothing else. */
    record DirectoryOnly(Hash certificate) implements Peer {
        @Override
        public String name() {
            return "";
        }
    }

    /** Holds a short-lived enrolment certificate: may ask for a certificate of its own and read the directory. */
    record Enrolment(Hash certificate) implements Peer {
        @Override
        public String name() {
            return "";
        }
    }
}
