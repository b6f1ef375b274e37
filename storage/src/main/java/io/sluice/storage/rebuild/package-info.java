/** Making index and manifest of a volume anew, from its segments alone. */
@NullMarked
package io.sluice.storage.rebuild;

import org.jspecify.annotations.NullMarked;
