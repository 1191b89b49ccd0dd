package lienthong.gateway.crypto;

import lienthong.gateway.message.Bytes;

/**
 * Two signatures over the same bytes, kept in two files; neither counts alone.
 *
 * @param ecdsa P-384 with SHA-384, DER, low s
 * @param mlDsa ML-DSA-87 (FIPS 204), empty context, 4,627 bytes
 */
public record DoubleSignature(Bytes ecdsa, Bytes mlDsa) {}
