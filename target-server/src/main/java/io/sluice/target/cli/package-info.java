/** The sluice command line. */
@NullMarked
package io.sluice.target.cli;

import org.jspecify.annotations.NullMarked;
