/** An object store in a directory: the embedded default. */
@NullMarked
package io.sluice.storage.object.file;

import org.jspecify.annotations.NullMarked;
