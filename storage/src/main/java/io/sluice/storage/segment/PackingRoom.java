package io.sluice.storage.segment;

import java.nio.ByteBuffer;

/**
 * Where a builder puts frames that are packed and wait to be sealed: in an array that it was lent, as long as there is room,
 * and then in memory of their own. Not thread-safe.
 */
final class PackingRoom {
    private ByteBuffer lent = ByteBuffer.allocate(0);

    /** Uses {@code room} from now on; whoever lends it must not touch it before the segment is sealed. */
    void lend(byte[] room) {
        lent = ByteBuffer.wrap(room);
    }

    /** So many bytes of any content, at position 0. */
    ByteBuffer take(int bytes) {
        if (bytes > lent.remaining()) {
            return ByteBuffer.allocate(bytes);
        }
        ByteBuffer taken = lent.slice(lent.position(), bytes);
        lent.position(lent.position() + bytes);
        return taken;
    }
}
