/** The block index: leaves of locators in a Chronicle Map; the only package that imports Chronicle Map. */
@NullMarked
package io.sluice.storage.index;

import org.jspecify.annotations.NullMarked;
