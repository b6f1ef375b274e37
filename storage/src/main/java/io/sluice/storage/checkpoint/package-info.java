/** The committed mapping: a copy-on-write tree of index pages in the bucket and what was committed since. */
@NullMarked
package io.sluice.storage.checkpoint;

import org.jspecify.annotations.NullMarked;
