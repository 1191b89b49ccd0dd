/**
 * Every primitive behind one façade: HPKE key wrap, the chunked content encryption, single-use AES-GCM, CMS seals, certificates and
 * revocation lists, the authority's double signatures, passphrase boxes. Callers choose a {@link lienthong.gateway.crypto.Suite} or a key;
 * no method takes the name of an algorithm.
 *
 * <p>May know: {@code message}, {@code environment}, BouncyCastle. Never knows: envelopes, directories, files, sockets, time of its own.
 *
 * <p>Bulk AES and SHA-2 run through the JDK's provider (50 times faster); everything else is BouncyCastle, called directly. No provider is
 * ever registered in the process. Secrets are {@link lienthong.gateway.crypto.SecretBytes}. Hostile input is answered by values, never by
 * exceptions.
 */
@NullMarked
package lienthong.gateway.crypto;

import org.jspecify.annotations.NullMarked;
