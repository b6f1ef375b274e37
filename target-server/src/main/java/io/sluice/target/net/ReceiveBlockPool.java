package io.sluice.target.net;

import java.util.ArrayDeque;

/** Receive blocks of one size of one loop. Confined. */
public final class ReceiveBlockPool {
    private final int blockBytes;
    private final int freeBlocksMax;
    private final ArrayDeque<ReceiveBlock> free = new ArrayDeque<>();

    ReceiveBlockPool(int blockBytes, int freeBlocksMax) {
        this.blockBytes = blockBytes;
        this.freeBlocksMax = freeBlocksMax;
    }

    ReceiveBlock take() {
        ReceiveBlock block = free.pollLast();
        if (block == null) {
            block = new ReceiveBlock(this, blockBytes);
        }
        block.begin();
        return block;
    }

    void giveBack(ReceiveBlock block) {
        if (free.size() < freeBlocksMax) {
            free.addLast(block);
        }
    }

    int blockBytes() {
        return blockBytes;
    }
}
