/** Segments and frames: how blocks stand in the bucket. */
@NullMarked
package io.sluice.storage.segment;

import org.jspecify.annotations.NullMarked;
