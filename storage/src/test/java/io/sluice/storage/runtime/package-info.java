@NullMarked
package io.sluice.storage.runtime;

import org.jspecify.annotations.NullMarked;
