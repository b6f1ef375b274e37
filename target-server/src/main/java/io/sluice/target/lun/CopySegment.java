package io.sluice.target.lun;

import io.sluice.target.lun.CopyParameterList.CscdDescriptor;
import io.sluice.target.lun.CopyParameterList.SegmentDescriptor;
import io.sluice.target.scsi.CopyAbortedSense;
import io.sluice.target.scsi.CopyAbortedSense.Answer;
import io.sluice.target.scsi.DeviceServer;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.SenseData;
import io.sluice.target.scsi.TargetDevice;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A segment descriptor whose logical units are found and whose ranges are inside them. Only units of the target through
 * which the command came can be source or destination: those are the ones the initiator may address.
 *
 * @param lengthBytes 0 for nothing to do
 */
record CopySegment(
        LogicalUnit source, LogicalUnit destination, long sourceBytes, long destinationBytes, long lengthBytes) {
    private static final int GRANULARITY_BYTES = 1 << CopyLimits.GRANULARITY_LOG2;

    /** From here on an overlapping copy is worth the volume's own; closer ranges would make tiny pieces. */
    private static final long MAP_DISTANCE_BYTES_MIN = 1 << 20;

    private static final int VOLUME_BLOCK_BYTES = 4096;

    /** A part of the segment: its distance from the segment's start, its length. */
    record Piece(long atBytes, long lengthBytes) {}

    /** How far source and destination are apart. */
    long distance() {
        return Math.abs(sourceBytes - destinationBytes);
    }

    private boolean isInOneUnit() {
        return source == destination;
    }

    boolean isOntoItself() {
        return isInOneUnit() && sourceBytes == destinationBytes;
    }

    boolean overlaps() {
        return isInOneUnit() && distance() < lengthBytes;
    }

    /** Inside one volume, and whole blocks of it lie on whole blocks: no data need travel. */
    boolean isMapCopy() {
        return isInOneUnit()
                && distance() % VOLUME_BLOCK_BYTES == 0
                && (!overlaps() || distance() >= MAP_DISTANCE_BYTES_MIN);
    }

    /**
     * The next piece after {@code takenBytes}, at most {@code bytesMax} (a multiple of 4096) long: upwards, or downwards when
     * the destination overlaps the source from above. Pieces meet at 4 KiB boundaries of the destination.
     */
    Piece pieceAt(long takenBytes, long bytesMax) {
        long left = lengthBytes - takenBytes;
        if (overlaps() && destinationBytes > sourceBytes) {
            long from = Math.max(0, left - bytesMax);
            long intoBlock = (destinationBytes + from) % VOLUME_BLOCK_BYTES;
            long start = from == 0 || intoBlock == 0 ? from : from + VOLUME_BLOCK_BYTES - intoBlock;
            return new Piece(start, left - start);
        }
        long intoBlock = (destinationBytes + takenBytes) % VOLUME_BLOCK_BYTES;
        return new Piece(takenBytes, Math.min(left, bytesMax - intoBlock));
    }

    /** A segment, or why there is none; exactly one of the two. */
    record Resolved(@Nullable CopySegment segment, @Nullable CopyAbortedSense failure) {}

    /** Finds the units and judges the ranges of segment {@code number}. */
    static Resolved resolve(TargetDevice target, List<CscdDescriptor> cscds, SegmentDescriptor segment, int number) {
        Side source = Side.find(target, cscds, segment.source());
        if (source.failure() != null) {
            return failed(source.failure(), number, SegmentDescriptor.SOURCE_FIELD);
        }
        Side destination = Side.find(target, cscds, segment.destination());
        if (destination.failure() != null) {
            return failed(destination.failure(), number, SegmentDescriptor.DESTINATION_FIELD);
        }
        return resolve(source.unit(), destination.unit(), segment, number);
    }

    private static Resolved resolve(
            LogicalUnit source, LogicalUnit destination, SegmentDescriptor segment, int number) {
        LogicalUnit counted = segment.countsDestination() ? destination : source;
        long length = segment.blocks() < 0 ? segment.bytes() : segment.blocks() * counted.blockBytes();
        SenseCode wrong = wrongLength(source, destination, segment, length);
        if (wrong != null) {
            return failed(wrong, number, segment.lengthField());
        }
        if (!inside(source, segment.sourceBlock(), segment.sourceOffset(), length)) {
            return new Resolved(null, outside(source, number, SegmentDescriptor.SOURCE_BLOCK_FIELD));
        }
        if (!inside(destination, segment.destinationBlock(), segment.destinationOffset(), length)) {
            return new Resolved(null, outside(destination, number, SegmentDescriptor.DESTINATION_BLOCK_FIELD));
        }
        return new Resolved(
                new CopySegment(
                        source,
                        destination,
                        (segment.sourceBlock() * source.blockBytes()) + segment.sourceOffset(),
                        (segment.destinationBlock() * destination.blockBytes()) + segment.destinationOffset(),
                        length),
                null);
    }

    /** Whole blocks only with 02h, whole granules with 0Ah. */
    private static @Nullable SenseCode wrongLength(
            LogicalUnit source, LogicalUnit destination, SegmentDescriptor segment, long length) {
        if (segment.blocks() >= 0) {
            boolean exact = length % source.blockBytes() == 0 && length % destination.blockBytes() == 0;
            return exact ? null : SenseCode.UNEXPECTED_INEXACT_SEGMENT;
        }
        long all = length | segment.sourceOffset() | segment.destinationOffset();
        return all % GRANULARITY_BYTES == 0 ? null : SenseCode.COPY_SEGMENT_GRANULARITY_VIOLATION;
    }

    private static boolean inside(LogicalUnit unit, long block, int offset, long length) {
        long capacity = unit.capacityBlocks();
        return block >= 0
                && block < capacity
                && offset < unit.blockBytes()
                && length <= ((capacity - block) * unit.blockBytes()) - offset;
    }

    /** As if the unit itself had been asked for these blocks: its answer is forwarded. */
    private static CopyAbortedSense outside(LogicalUnit unit, int number, int field) {
        byte[] sense = SenseData.encode(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, unit.descriptorSense());
        Answer answer = new Answer(ScsiStatus.CHECK_CONDITION, sense);
        boolean ofSource = field == SegmentDescriptor.SOURCE_BLOCK_FIELD;
        return new CopyAbortedSense(
                SenseCode.COPY_ABORTED_WITHOUT_ADDITIONAL_SENSE,
                number,
                field,
                ofSource ? answer : null,
                ofSource ? null : answer);
    }

    private static Resolved failed(SenseCode code, int number, int field) {
        return new Resolved(null, CopyAbortedSense.atField(code, number, field));
    }

    /** Source or destination: the unit, or why it cannot be it. */
    private record Side(
            @Nullable LogicalUnit found, @Nullable SenseCode failure) {
        static Side find(TargetDevice target, List<CscdDescriptor> cscds, int index) {
            if (index >= cscds.size()) {
                return new Side(null, SenseCode.UNREACHABLE_COPY_TARGET);
            }
            CscdDescriptor cscd = cscds.get(index);
            for (int lun : target.luns()) {
                DeviceServer unit = target.unit(lun);
                if (unit instanceof LogicalUnit candidate && isMeant(candidate, cscd)) {
                    return judged(candidate, cscd);
                }
            }
            return new Side(null, SenseCode.COPY_TARGET_DEVICE_NOT_REACHABLE);
        }

        private static boolean isMeant(LogicalUnit unit, CscdDescriptor cscd) {
            for (Designator designator : Designator.OF_UNIT) {
                if (designator.is(cscd.codeSet(), cscd.kind())
                        && Arrays.equals(designator.ofUnit(unit.identity()), cscd.designator())) {
                    return true;
                }
            }
            return false;
        }

        /** Who believes in another block length would copy other blocks than it means. */
        private static Side judged(LogicalUnit unit, CscdDescriptor cscd) {
            if (cscd.deviceType() != 0 || cscd.blockBytes() != unit.blockBytes()) {
                return new Side(null, SenseCode.INCORRECT_COPY_TARGET_DEVICE_TYPE);
            }
            return new Side(unit, null);
        }

        LogicalUnit unit() {
            if (found == null) {
                throw new IllegalStateException("asked after a failure");
            }
            return found;
        }
    }
}
