package lienthong.gateway.link;

/**
 * What the peer said about itself.
 *
 * @param details its claims; {@code custodyBack} is the latest mark <em>we</em> gave <em>it</em>; only its MAC proves that we did
 * @param version highest version of the protocol both sides speak
 */
public record PeerHello(HelloDetails details, int version) {}
