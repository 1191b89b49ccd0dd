/** Runs whole networks on one machine: demo, bench, forger. May know everything; nothing may know it. */
@NullMarked
package lienthong.gateway.lab;

import org.jspecify.annotations.NullMarked;
