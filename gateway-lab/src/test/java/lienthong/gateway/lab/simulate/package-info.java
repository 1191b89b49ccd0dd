/** The simulation's own tests, and its slice in every build. */
@NullMarked
package lienthong.gateway.lab.simulate;

import org.jspecify.annotations.NullMarked;
