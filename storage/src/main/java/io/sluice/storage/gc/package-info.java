/** The collector of garbage in the bucket: COLLECTOR.md. */
@NullMarked
package io.sluice.storage.gc;

import org.jspecify.annotations.NullMarked;
