package io.sluice.storage.segment;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Gathers one segment, in the newest version of the format. States: gathering, then (by {@link #seal}) sealed. Frames are compressed when they are added and
 * sealed at the end, because only then the length of the header, and with it their offsets, is known.
 *
 * <ol>
 *   <li>It is sealed at most once: no piece number stands for two contents.
 *   <li>The segment ends within {@link Locator#SEGMENT_BYTES_MAX} and its header within {@link
 *       SegmentFormat#HEADER_PLAIN_BYTES_MAX}; {@link #hasRoomForFrame} and {@link #hasRoomForZeros} are asked first.
 * </ol>
 *
 * Not thread-safe; several builders work side by side.
 */
public final class SegmentBuilder {
    private static final int FRAME_STORED_BYTES_WORST = SegmentFormat.padded(SegmentFormat.FRAME_PROLOGUE_BYTES
            + SegmentHeaderBody.FRAME_BYTES_MAX
            + SegmentFormat.FRAME_RAW_BYTES_MAX
            + PieceSealer.OVERHEAD_BYTES);

    private final UUID volume;
    private final FrameCodec frameCodec;
    private final Sealing sealing;
    private final Entropy entropy;
    private final long number;
    private final long epoch;
    private final SegmentHeader.Kind kind;
    private final PackingRoom packing = new PackingRoom();
    private final List<FramePayload> payloads = new ArrayList<>();
    private final List<List<OldPlace>> oldOfFrames = new ArrayList<>();
    private final List<SegmentHeader.Extent> zeros = new ArrayList<>();
    private final List<Shared> shared = new ArrayList<>();
    private final List<SegmentHeader.Tombstone> tombstones = new ArrayList<>();
    private final TreeSet<Long> settled = new TreeSet<>();
    private long oldRuns;
    private long framesStoredBytes;
    private int rawBytes;
    private boolean sealed;

    /** A shared extent: {@code frame} of this segment and {@code slot}, or the {@code run} in an older one. */
    private record Shared(
            long lba,
            long count,
            int frame,
            int slot,
            @Nullable LocatorRun run,
            List<OldPlace> old) {}

    SegmentBuilder(
            UUID volume,
            FrameCodec frameCodec,
            Sealing sealing,
            Entropy entropy,
            long number,
            long epoch,
            SegmentHeader.Kind kind) {
        Invariant.check(number >= 1 && number <= Locator.SEGMENT_MAX, "segment number", number, Locator.SEGMENT_MAX);
        this.volume = volume;
        this.frameCodec = frameCodec;
        this.sealing = sealing;
        this.entropy = entropy;
        this.number = number;
        this.epoch = epoch;
        this.kind = kind;
    }

    /**
     * Packs frames that are added from now on into {@code room}, as long as they fit; the caller must not touch it before
     * {@link #seal} has returned, and may use it for something else then.
     */
    public void packInto(byte[] room) {
        packing.lend(room);
    }

    /** Whether a frame of any content still fits. */
    public boolean hasRoomForFrame() {
        long endBytes = framesStoredBytes
                + FRAME_STORED_BYTES_WORST
                + headerBytesWorst()
                + frameHeaderBytesMax()
                + SegmentFormat.FOOTER_BYTES;
        return endBytes < Locator.SEGMENT_BYTES_MAX && hasHeaderRoom(frameHeaderBytesMax());
    }

    private int frameHeaderBytesMax() {
        int old = kind == SegmentHeader.Kind.MOVED ? Locator.FRAME_SLOTS * SegmentHeaderBody.OLD_RUN_BYTES_MAX : 0;
        return SegmentHeaderBody.FRAME_BYTES_MAX + old;
    }

    /** Whether one more extent of zeros still fits. */
    public boolean hasRoomForZeros() {
        return hasHeaderRoom(SegmentHeaderBody.EXTENT_BYTES_MAX)
                && framesStoredBytes + headerBytesWorst() + SegmentFormat.UNIT_BYTES < Locator.SEGMENT_BYTES_MAX;
    }

    /**
     * Adds 1 to 32 blocks; {@code lbas} ascend and {@code raw}'s remaining bytes are their contents, 4096 bytes each
     * (consumed, copied). Returns the stored length of the frame, padding included.
     */
    @CanIgnoreReturnValue
    public int addFrame(long[] lbas, ByteBuffer raw) {
        return addFrame(lbas, List.of(), raw);
    }

    /**
     * As {@link #addFrame(long[], ByteBuffer)} with, in a MOVED segment, the places {@code old} of these blocks, in their
     * order; each block counts only where it still stands there.
     */
    @CanIgnoreReturnValue
    public int addFrame(long[] lbas, List<OldPlace> old, ByteBuffer raw) {
        Invariant.check(!sealed, "a frame is added to a sealed segment");
        Invariant.check(hasRoomForFrame(), "the segment is full", framesStoredBytes, payloads.size());
        FramePayload payload = frameCodec.pack(lbas, raw, packing);
        int storedBytes = FrameCodec.storedBytes(payload);
        payloads.add(payload);
        oldOfFrames.add(checkedOld(old, lbas.length));
        framesStoredBytes += storedBytes;
        rawBytes += lbas.length * BlockGeometry.BLOCK_BYTES;
        return storedBytes;
    }

    /** Adds "blocks {@code lba} to {@code lba + count - 1} read as zeros from here on"; not to a MOVED segment. */
    public void addZeros(long lba, long count) {
        Invariant.check(!sealed, "zeros are added to a sealed segment");
        Invariant.check(kind != SegmentHeader.Kind.MOVED, "a collector writes no zeros", lba, count);
        checkExtent(lba, count);
        int last = zeros.size() - 1;
        if (last >= 0 && zeros.get(last).lba() + zeros.get(last).count() == lba) {
            SegmentHeader.Extent extent = zeros.get(last);
            zeros.set(last, new SegmentHeader.Extent(extent.lba(), extent.count() + count));
            return;
        }
        Invariant.check(hasRoomForZeros(), "the segment's header is full", zeros.size(), payloads.size());
        zeros.add(new SegmentHeader.Extent(lba, count));
    }

    /** Whether one more tombstone still fits. */
    public boolean hasRoomForTombstone() {
        return hasRoomInHeader(SegmentHeaderBody.TOMBSTONE_BYTES_MAX);
    }

    /**
     * Adds to a MOVED segment "blocks {@code lba} to {@code lba + count - 1} read as zeros as of segment {@code version}".
     * Who gathers them keeps each version as it was told; they may overlap, and blocks written since may be left in.
     */
    public void addTombstone(long lba, long count, long version) {
        Invariant.check(!sealed && kind == SegmentHeader.Kind.MOVED, "a tombstone has no place here", lba, number);
        Invariant.check(version >= 1 && version < number, "version of a tombstone", version, number);
        checkExtent(lba, count);
        Invariant.check(hasRoomForTombstone(), "the segment's header is full", tombstones.size(), number);
        tombstones.add(new SegmentHeader.Tombstone(lba, count, version));
    }

    /** Whether one more settled segment still fits. */
    public boolean hasRoomForSettled() {
        return hasRoomInHeader(SegmentHeaderBody.SETTLED_BYTES_MAX);
    }

    /**
     * Adds to a MOVED segment "what {@code segment}'s header says of zeros and of blocks in other segments is said here, as
     * far as it is still needed": once this is in a checkpoint, {@code segment} may go as soon as no block stands in it.
     */
    public void addSettled(long segment) {
        Invariant.check(!sealed && kind == SegmentHeader.Kind.MOVED, "nothing is settled here", segment, number);
        Invariant.check(segment >= 1 && segment < number, "a settled segment", segment, number);
        Invariant.check(hasRoomForSettled(), "the segment's header is full", settled.size(), number);
        settled.add(segment);
    }

    private boolean hasRoomInHeader(int bytes) {
        return hasHeaderRoom(bytes)
                && framesStoredBytes + headerBytesWorst() + bytes + SegmentFormat.UNIT_BYTES
                        < Locator.SEGMENT_BYTES_MAX;
    }

    private static void checkExtent(long lba, long count) {
        Invariant.check(
                lba >= 0 && count >= 1 && lba <= SegmentFormat.LBA_MAX && count <= SegmentFormat.LBA_MAX + 1 - lba,
                "extent of blocks",
                lba,
                count);
    }

    /** Whether one more shared extent still fits, with {@code old} runs of old places. */
    public boolean hasRoomForShared(int old) {
        return hasRoomInHeader(SegmentHeaderBody.SHARED_BYTES_MAX + (old * SegmentHeaderBody.OLD_RUN_BYTES_MAX));
    }

    /**
     * Adds "blocks {@code lba} to {@code lba + count - 1} hold what slot {@code slot} of frame {@code frame} holds", a
     * frame that was added before. {@code old}: where they stood, in a MOVED segment; else empty.
     */
    public void addShared(long lba, long count, int frame, int slot, List<OldPlace> old) {
        Invariant.check(
                frame >= 0
                        && frame < payloads.size()
                        && slot >= 0
                        && slot < payloads.get(frame).lbas().length,
                "slot to share",
                frame,
                slot);
        addShared(new Shared(lba, count, frame, slot, null, old));
    }

    /**
     * Adds "the blocks from {@code lba} on stand where {@code run} says", in an older segment. In a MOVED segment {@code run}
     * may be the old place itself: this carries on what an older segment said, and changes nothing for who folds a complete
     * series. The older segment must not be deleted before this one is committed.
     */
    public void addShared(long lba, LocatorRun run, List<OldPlace> old) {
        long source = Locator.segmentNumber(run.first());
        Invariant.check(source >= 1 && source < number, "source of a shared extent", source, number);
        LocatorRun marked = new LocatorRun(Locator.shared(run.first()), run.count(), run.repeated());
        addShared(new Shared(lba, run.count(), -1, 0, marked, old));
    }

    private void addShared(Shared extent) {
        Invariant.check(!sealed, "an extent is added to a sealed segment");
        checkExtent(extent.lba(), extent.count());
        Invariant.check(hasRoomForShared(extent.old().size()), "the segment's header is full", shared.size(), number);
        shared.add(new Shared(
                extent.lba(),
                extent.count(),
                extent.frame(),
                extent.slot(),
                extent.run(),
                checkedOld(extent.old(), extent.count())));
    }

    private List<OldPlace> checkedOld(List<OldPlace> old, long blocks) {
        List<OldPlace> stored = new ArrayList<>(old.size());
        long told = 0;
        for (OldPlace place : old) {
            long age = number - place.asOf();
            Invariant.check(age >= 1 && age <= SegmentFormat.MOVE_WINDOW_SEGMENTS, "age of old places", age, number);
            stored.add(place.stored());
            told += place.run().count();
        }
        long expected = kind == SegmentHeader.Kind.MOVED ? blocks : 0;
        Invariant.check(told == expected, "old places of blocks", told, expected);
        oldRuns += old.size();
        return stored;
    }

    /** Bytes of blocks added so far, before compression. */
    public int rawBytes() {
        return rawBytes;
    }

    /** Bytes the frames added so far will take in the bucket. */
    public long framesStoredBytes() {
        return framesStoredBytes;
    }

    /** True when nothing was added. */
    public boolean isEmpty() {
        return payloads.isEmpty() && zeros.isEmpty() && shared.isEmpty() && tombstones.isEmpty() && settled.isEmpty();
    }

    /**
     * Finishes the segment; the builder cannot be used again.
     *
     * @param firstSequence and {@code endSequence}: the part of the write history it holds, end exclusive
     * @param wallTimeMillis when its newest write was acknowledged
     */
    public SealedSegment seal(long firstSequence, long endSequence, long wallTimeMillis) {
        Invariant.check(!sealed, "a segment is sealed twice");
        Invariant.check(firstSequence <= endSequence, "sequence range of a segment", firstSequence, endSequence);
        sealed = true;
        PieceSealer sealer = sealing.newObject(SegmentFormat.PURPOSE);
        byte[] body = body(firstSequence, endSequence, wallTimeMillis, frames(0), 0);
        SegmentPrologue prologue = new SegmentPrologue(
                FormatHeader.of(FormatKind.SEGMENT, volume, number),
                epoch,
                kind,
                entropy.nextLong(),
                sealer.salt(),
                body.length);
        int framesStartBytes = prologue.headerEndBytes();
        List<SegmentHeader.Frame> frames = frames(framesStartBytes);
        int storedBytes = Math.toIntExact(framesStartBytes + framesStoredBytes + SegmentFormat.FOOTER_BYTES);
        Invariant.check(storedBytes <= Locator.SEGMENT_BYTES_MAX, "length of a segment", storedBytes, number);
        body = body(firstSequence, endSequence, wallTimeMillis, frames, storedBytes);
        Invariant.check(body.length == prologue.headerPlainBytes(), "length of a segment header", body.length, number);
        SegmentHeader header = new SegmentHeader(
                volume,
                number,
                epoch,
                kind,
                prologue.attemptTag(),
                firstSequence,
                endSequence,
                wallTimeMillis,
                frames,
                zeros,
                sharedExtents(frames),
                tombstones,
                List.copyOf(settled),
                storedBytes);
        return new SealedSegment(header, write(sealer, prologue, body, storedBytes));
    }

    private ByteBuffer write(PieceSealer sealer, SegmentPrologue prologue, byte[] body, int storedBytes) {
        ByteBuffer object = ByteBuffer.allocate(storedBytes);
        byte[] clear = prologue.toBytes();
        object.put(clear);
        SealedHeader.seal(sealer, clear, body, object);
        object.position(prologue.headerEndBytes());
        for (int i = 0; i < payloads.size(); i++) {
            frameCodec.seal(number, i, payloads.get(i), sealer, object);
        }
        SegmentFooter.seal(sealer, clear, prologue.attemptTag(), object);
        Invariant.check(!object.hasRemaining(), "a segment is shorter than planned", object.remaining(), number);
        return object.flip();
    }

    private List<SegmentHeader.Frame> frames(int startBytes) {
        List<SegmentHeader.Frame> frames = new ArrayList<>(payloads.size());
        int offsetBytes = startBytes;
        for (FramePayload payload : payloads) {
            int frameBytes = FrameCodec.storedBytes(payload);
            frames.add(
                    new SegmentHeader.Frame(offsetBytes, frameBytes, payload.lbas(), oldOfFrames.get(frames.size())));
            offsetBytes += frameBytes;
        }
        return frames;
    }

    private List<SegmentHeader.SharedExtent> sharedExtents(List<SegmentHeader.Frame> frames) {
        List<SegmentHeader.SharedExtent> extents = new ArrayList<>(shared.size());
        for (Shared extent : shared) {
            LocatorRun run = extent.run();
            if (run == null) {
                long slot = frames.get(extent.frame()).locator(number, extent.slot());
                run = new LocatorRun(Locator.shared(slot), extent.count(), true);
            }
            extents.add(new SegmentHeader.SharedExtent(extent.lba(), run, extent.old()));
        }
        return extents;
    }

    private byte[] body(
            long firstSequence,
            long endSequence,
            long wallTimeMillis,
            List<SegmentHeader.Frame> frames,
            int storedBytes) {
        ByteWriter writer = new ByteWriter(SegmentFormat.UNIT_BYTES);
        new SegmentHeaderBody(
                        firstSequence,
                        endSequence,
                        wallTimeMillis,
                        storedBytes,
                        frames,
                        zeros,
                        sharedExtents(frames),
                        tombstones,
                        List.copyOf(settled))
                .write(number, kind, writer);
        return writer.toBytes();
    }

    private long headerPlainBytesWorst() {
        return SegmentHeaderBody.FIXED_BYTES_MAX
                + ((long) payloads.size() * SegmentHeaderBody.FRAME_BYTES_MAX)
                + ((long) zeros.size() * SegmentHeaderBody.EXTENT_BYTES_MAX)
                + ((long) shared.size() * SegmentHeaderBody.SHARED_BYTES_MAX)
                + ((long) tombstones.size() * SegmentHeaderBody.TOMBSTONE_BYTES_MAX)
                + ((long) settled.size() * SegmentHeaderBody.SETTLED_BYTES_MAX)
                + (oldRuns * SegmentHeaderBody.OLD_RUN_BYTES_MAX);
    }

    private long headerBytesWorst() {
        int plain = (int) Math.min(headerPlainBytesWorst(), SegmentFormat.HEADER_PLAIN_BYTES_MAX);
        return SegmentFormat.padded(SegmentFormat.PROLOGUE_BYTES + SegmentFormat.sealedHeaderBytes(plain))
                + (long) SegmentFormat.UNIT_BYTES;
    }

    private boolean hasHeaderRoom(int bytes) {
        return headerPlainBytesWorst() + bytes <= SegmentFormat.HEADER_PLAIN_BYTES_MAX;
    }
}
