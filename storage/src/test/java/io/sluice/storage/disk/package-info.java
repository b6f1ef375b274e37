@NullMarked
package io.sluice.storage.disk;

import org.jspecify.annotations.NullMarked;
