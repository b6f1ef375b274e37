/** Logical units: SCSI block commands on volumes. */
@NullMarked
package io.sluice.target.lun;

import org.jspecify.annotations.NullMarked;
