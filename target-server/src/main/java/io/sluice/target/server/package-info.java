/** Main: reads the configuration, opens volumes, starts portals, stops cleanly. */
@NullMarked
package io.sluice.target.server;

import org.jspecify.annotations.NullMarked;
