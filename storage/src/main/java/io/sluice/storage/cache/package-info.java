/** The read cache on local disk. */
@NullMarked
package io.sluice.storage.cache;

import org.jspecify.annotations.NullMarked;
