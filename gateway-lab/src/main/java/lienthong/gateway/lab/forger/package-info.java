/**
 * A thief who holds a copy of an office's data folder, keys and all, and speaks the link protocol as that office: he forges, sends, and sends again.
 *
 * <p>May know: {@code gateway-core}'s formats and links. Never knows: the server's rooms; whoever is attacked is a process elsewhere.
 */
@NullMarked
package lienthong.gateway.lab.forger;

import org.jspecify.annotations.NullMarked;
