/** PDU layouts as flyweights on buffers, one class per PDU (RFC 7143 section 11). */
@NullMarked
package io.sluice.target.iscsi.pdu;

import org.jspecify.annotations.NullMarked;
