package lienthong.gateway.client;

import lienthong.gateway.message.Address;
import lienthong.gateway.message.OrganisationId;

/**
 * A client has its keys.
 *
 * @param address whom it speaks for
 * @param node that serves it
 */
public record Enrolled(Address address, OrganisationId node) {}
