/** Whole-system tests; what they run against is started from here as processes of its own. */
@NullMarked
package io.sluice.integration;

import org.jspecify.annotations.NullMarked;
