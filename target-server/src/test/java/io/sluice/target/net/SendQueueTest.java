package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Order, ownership and counting of what waits to be sent, with a socket that takes odd amounts. */
final class SendQueueTest {
    @Test
    void sendsEverythingInOrderAndReleasesEveryOwnerOnce() throws IOException {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        SendQueue queue = new SendQueue();
        OddChannel channel = new OddChannel(random);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        int[] released = new int[1];
        int added = 0;
        for (int round = 0; round < 200; round++) {
            for (int i = random.nextInt(40); i > 0; i--, added++) {
                byte[] bytes = new byte[random.nextInt(300)];
                random.nextBytes(bytes);
                expected.writeBytes(bytes);
                queue.add(ByteBuffer.wrap(bytes), () -> released[0]++);
            }
            queue.writeTo(channel);
            assertEquals(expected.size() - channel.taken.size(), queue.bytes(), "seed " + seed);
        }
        while (!queue.isEmpty()) {
            queue.writeTo(channel);
        }
        assertArrayEquals(expected.toByteArray(), channel.taken.toByteArray(), "seed " + seed);
        assertEquals(added, released[0]);
        assertEquals(0, queue.bytes());
    }

    @Test
    void releasesWhatIsDropped() {
        SendQueue queue = new SendQueue();
        int[] released = new int[1];
        for (int i = 0; i < 100; i++) {
            queue.add(ByteBuffer.allocate(10), () -> released[0]++);
        }
        queue.clear();
        assertEquals(100, released[0]);
        assertTrue(queue.isEmpty());
        assertEquals(0, queue.bytes());
    }

    /** Takes a random part of what is offered. */
    private static final class OddChannel implements GatheringByteChannel {
        private final Random random;
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        OddChannel(Random random) {
            this.random = random;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            int left = random.nextInt(3000);
            long written = 0;
            for (int i = offset; i < offset + length && left > 0; i++) {
                int part = Math.min(left, sources[i].remaining());
                byte[] bytes = new byte[part];
                sources[i].get(bytes);
                taken.writeBytes(bytes);
                left -= part;
                written += part;
            }
            return written;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public int write(ByteBuffer source) {
            return (int) write(new ByteBuffer[] {source}, 0, 1);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
