@NullMarked
package io.sluice.storage.checkpoint;

import org.jspecify.annotations.NullMarked;
