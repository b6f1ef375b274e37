@NullMarked
package io.sluice.storage.gc;

import org.jspecify.annotations.NullMarked;
