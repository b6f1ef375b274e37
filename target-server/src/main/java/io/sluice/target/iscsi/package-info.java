/** iSCSI (RFC 7143): the server in front of login and sessions. */
@NullMarked
package io.sluice.target.iscsi;

import org.jspecify.annotations.NullMarked;
