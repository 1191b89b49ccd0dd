package lienthong.gateway.delivery;

import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.Hash;

/**
 * An application's own name of one message.
 *
 * @param id unique per sender address
 * @param request SHA-256 of everything the application said, so that a second meaning under one id is seen
 */
public record ClientRequest(ClientId id, Hash request) {}
