@NullMarked
package io.sluice.storage.index;

import org.jspecify.annotations.NullMarked;
