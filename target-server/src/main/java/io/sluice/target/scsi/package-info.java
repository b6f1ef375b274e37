/**
 * SCSI as the transport sees it ({@link io.sluice.target.scsi.ScsiTarget}, {@link io.sluice.target.scsi.Nexus}, {@link
 * io.sluice.target.scsi.ScsiTask}), and the device server behind it (SAM-5, SPC-4).
 *
 * <pre>
 * TargetDevice 1--* DeviceServer (lun.LogicalUnit)      one for each LUN: task set, ranges, reservations, command table
 *      1                 1
 *      *                 *
 * NexusImpl    1--* ItlNexus                            one for each session and LUN: unit attentions, volume port
 *                        1
 *                        *
 *                    Command                            one for each task, used again
 * </pre>
 *
 * <p>The way of a command, on the session's loop: find its row in the command table; report a unit attention; enter the
 * task set, or wait there; ask the reservations; run the handler. A handler is a chain of steps: each begins one operation
 * of the volume and names the next. A step runs on the loop, because the volume's port is confined to it; an ending runs
 * on whatever thread brought it.
 *
 * <p>What the device server does on its own account (a copy, a prefetch behind its status) are commands too, sent through
 * {@link io.sluice.target.scsi.InternalInitiator} to any unit of the target: whoever reserves, resets or fences that unit
 * meets them there as it meets those of hosts.
 *
 * <p>Locks are short, one for each task set, range table, unit attention queue and reservation change; none is held while
 * another is taken, nor during I/O. A new command is one row in {@code lun.BlockCommandTable} and one handler.
 */
@NullMarked
package io.sluice.target.scsi;

import org.jspecify.annotations.NullMarked;
