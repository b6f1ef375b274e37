/** What the target server sees: a volume, its ports, completions, failures, status. */
@NullMarked
package io.sluice.storage.volume;

import org.jspecify.annotations.NullMarked;
