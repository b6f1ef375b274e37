/** iSCSI (RFC 7143): what PDUs, login and sessions share. */
@NullMarked
package io.sluice.target.iscsi;

import org.jspecify.annotations.NullMarked;
