/** Tests of the finished distribution. */
@NullMarked
package io.sluice.deploy;

import org.jspecify.annotations.NullMarked;
