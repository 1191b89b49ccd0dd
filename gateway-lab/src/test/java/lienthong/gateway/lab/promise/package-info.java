/** Promises that only real processes can show: what a node does to its disk and its sockets, watched from outside. */
@NullMarked
package lienthong.gateway.lab.promise;

import org.jspecify.annotations.NullMarked;
