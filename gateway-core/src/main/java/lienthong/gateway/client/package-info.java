/**
 * The façade a district's system embeds: {@link lienthong.gateway.client.GatewayClient}. It seals and opens in the embedding process with the keys of
 * one address, speaks the link to the address's node, and keeps numbers, intervals and unsent envelopes in a small state folder. The node never
 * sees plaintext.
 *
 * <p>May know: all of core. Never knows: the server, its store, gRPC.
 */
@NullMarked
package lienthong.gateway.client;

import org.jspecify.annotations.NullMarked;
