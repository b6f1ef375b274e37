/** The login phase as a pure state machine (RFC 7143 sections 6, 12 and 13). */
@NullMarked
package io.sluice.target.iscsi.login;

import org.jspecify.annotations.NullMarked;
