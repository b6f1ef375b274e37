/** Keys declared once: what drives parsing, the search for unknown keys, and the reference page. */
@NullMarked
package io.sluice.config.schema;

import org.jspecify.annotations.NullMarked;
