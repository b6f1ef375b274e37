package io.sluice.storage.segment;

import java.nio.ByteBuffer;

/**
 * A frame, authenticated and decompressed.
 *
 * @param lbas the block in each slot, ascending; not to be changed
 * @param blocks their contents, 4096 bytes each, from position 0
 */
public record OpenedFrame(long[] lbas, ByteBuffer blocks) {}
