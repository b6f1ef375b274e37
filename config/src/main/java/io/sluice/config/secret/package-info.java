/** Where secrets come from: file, environment, command. */
@NullMarked
package io.sluice.config.secret;

import org.jspecify.annotations.NullMarked;
