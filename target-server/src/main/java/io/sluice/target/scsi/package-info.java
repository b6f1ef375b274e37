/** SCSI as the transport sees it: target, nexus, task; and the device server (SAM-5, SPC-4, SBC-3). */
@NullMarked
package io.sluice.target.scsi;

import org.jspecify.annotations.NullMarked;
