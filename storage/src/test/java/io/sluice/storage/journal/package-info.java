@NullMarked
package io.sluice.storage.journal;

import org.jspecify.annotations.NullMarked;
