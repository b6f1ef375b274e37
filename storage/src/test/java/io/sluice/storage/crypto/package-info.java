@NullMarked
package io.sluice.storage.crypto;

import org.jspecify.annotations.NullMarked;
