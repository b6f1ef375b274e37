/** The local admin socket and its answers. */
@NullMarked
package io.sluice.target.admin;

import org.jspecify.annotations.NullMarked;
