/** The object store: a small interface with promises, and wrappers for retry, metrics and faults. */
@NullMarked
package io.sluice.storage.object;

import org.jspecify.annotations.NullMarked;
