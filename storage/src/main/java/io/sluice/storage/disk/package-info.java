/** The local disk as the engine sees it: a few preallocated files in one directory. */
@NullMarked
package io.sluice.storage.disk;

import org.jspecify.annotations.NullMarked;
