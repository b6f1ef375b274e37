/** Changes of a running server: what is different in the files, what of it can be done online, and doing it. */
@NullMarked
package io.sluice.target.server.reload;

import org.jspecify.annotations.NullMarked;
