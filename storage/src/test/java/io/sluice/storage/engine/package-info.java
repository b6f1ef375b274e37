@NullMarked
package io.sluice.storage.engine;

import org.jspecify.annotations.NullMarked;
