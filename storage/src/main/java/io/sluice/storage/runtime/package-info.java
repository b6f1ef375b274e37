/** Time, randomness, tasks: everything the engine needs from the outside world besides disk and object store. */
@NullMarked
package io.sluice.storage.runtime;

import org.jspecify.annotations.NullMarked;
