package io.sluice.target.net;

/** All buffers of one loop. Confined to it: nothing here is locked. */
public final class LoopMemory {
    private static final int FREE_BLOCKS_MAX = 16;

    private final ReceiveBlockPool smallBlocks;
    private final ReceiveBlockPool largeBlocks;
    private final HeaderSlotPool headerSlots = new HeaderSlotPool();
    private final DataBufferPool dataBuffers;

    /**
     * Empty pools.
     *
     * @param smallBlockBytes what a connection reads into until it has logged in
     * @param largeBlockBytes what it reads into afterwards
     * @param freeDataBytesMax how many bytes of task buffers are kept for the next tasks
     */
    public LoopMemory(int smallBlockBytes, int largeBlockBytes, long freeDataBytesMax) {
        this.smallBlocks = new ReceiveBlockPool(smallBlockBytes, FREE_BLOCKS_MAX);
        this.largeBlocks = new ReceiveBlockPool(largeBlockBytes, FREE_BLOCKS_MAX);
        this.dataBuffers = new DataBufferPool(freeDataBytesMax);
    }

    public HeaderSlotPool headerSlots() {
        return headerSlots;
    }

    public DataBufferPool dataBuffers() {
        return dataBuffers;
    }

    ReceiveBlockPool smallBlocks() {
        return smallBlocks;
    }

    ReceiveBlockPool largeBlocks() {
        return largeBlocks;
    }
}
