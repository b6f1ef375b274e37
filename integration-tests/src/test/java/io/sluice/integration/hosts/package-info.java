/** What hosts that cannot run here send, replayed byte by byte from scripts. */
@NullMarked
package io.sluice.integration.hosts;

import org.jspecify.annotations.NullMarked;
