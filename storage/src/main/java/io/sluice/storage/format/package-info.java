/** Byte formats shared by several packages: magic numbers, versions, locators, checked readers. */
@NullMarked
package io.sluice.storage.format;

import org.jspecify.annotations.NullMarked;
