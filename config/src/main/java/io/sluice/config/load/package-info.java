/** The keys of Sluice, and how a tree that passed them becomes settings. */
@NullMarked
package io.sluice.config.load;

import org.jspecify.annotations.NullMarked;
