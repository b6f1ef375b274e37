/** Sessions, connections, the full feature phase (RFC 7143 sections 4 and 7). */
@NullMarked
package io.sluice.target.iscsi.session;

import org.jspecify.annotations.NullMarked;
