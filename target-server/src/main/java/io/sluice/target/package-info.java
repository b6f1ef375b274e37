/** The iSCSI target: protocol engine, SCSI device server, administration, command line. */
@NullMarked
package io.sluice.target;

import org.jspecify.annotations.NullMarked;
