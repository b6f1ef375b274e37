/** A server that serves for a moment, only for the JVM to see which classes a server needs. */
@NullMarked
package io.sluice.target.server.rehearsal;

import org.jspecify.annotations.NullMarked;
