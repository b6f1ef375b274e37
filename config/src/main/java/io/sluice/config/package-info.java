/** Typed, immutable settings read from HOCON. */
@NullMarked
package io.sluice.config;

import org.jspecify.annotations.NullMarked;
