/** Opening a volume: fence, bucket replay, journal replay. */
@NullMarked
package io.sluice.storage.recovery;

import org.jspecify.annotations.NullMarked;
