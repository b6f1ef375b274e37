package io.sluice.storage.gc;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The content of one slot on its way to a new place, and the blocks that stand in it.
 *
 * @param places the blocks, ascending; more than one when they share the slot
 * @param content 4096 bytes, verified
 * @param fromCache it was found in the read cache, so somebody has used it lately
 */
record MovedBlock(List<Placed> places, ByteBuffer content, boolean fromCache) {
    /** Copies the list. */
    MovedBlock {
        places = List.copyOf(places);
    }

    long lba() {
        return places.get(0).lba();
    }
}
