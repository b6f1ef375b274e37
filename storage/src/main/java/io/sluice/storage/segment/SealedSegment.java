package io.sluice.storage.segment;

import java.nio.ByteBuffer;

/**
 * A finished segment, ready to be put, as often as it takes: the same bytes with the same attempt tag each time.
 *
 * @param header what its header says
 * @param bytes the whole object, from position 0; not to be changed
 */
public record SealedSegment(SegmentHeader header, ByteBuffer bytes) {}
