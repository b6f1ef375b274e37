/**
 * Logical units: SCSI block commands on volumes.
 *
 * <p>Third-party copy: {@code ExtendedCopyCommand} judges the parameter list ({@code CopyParameterList}), {@code
 * CopyOperation} carries it out segment by segment ({@code CopySegment}: units found, ranges judged), {@code CopyManager}
 * knows what is in progress and how it ended ({@code CopyStatus}) for {@code ReceiveCopyResultsCommand}; all limits are in
 * {@code CopyLimits}. Inside one volume, where whole blocks lie on whole blocks, a copy is a map operation of the volume;
 * otherwise it travels through one bounded buffer.
 *
 * <p>Thin provisioning: space comes from the bucket, which has no end, so there are no thresholds (THRESHOLD EXPONENT is
 * zero, no mode page 1Ch/02h, no 38/07). LBA status has the granularity of 4 KiB, as the volume maps.
 */
@NullMarked
package io.sluice.target.lun;

import org.jspecify.annotations.NullMarked;
