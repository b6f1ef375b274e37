package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Parsing in place while tasks pin what they need. */
final class ReceiveBufferTest {
    private static final int BLOCK_BYTES = 1024;

    private final ReceiveBlockPool pool = new ReceiveBlockPool(BLOCK_BYTES, 4);
    private final ReceiveBuffer buffer = new ReceiveBuffer(pool);
    private byte next;

    private int arrive(int neededBytes, int bytes) {
        ByteBuffer room = buffer.prepareForRead(neededBytes);
        int count = Math.min(bytes, room.remaining());
        for (int i = 0; i < count; i++) {
            room.put(next++);
        }
        buffer.received(count);
        return count;
    }

    @Test
    void keepsAPartialUnitWhenItMovesToTheFront() {
        arrive(1, 1000);
        buffer.consume(990);
        assertEquals(100, arrive(110, 100));
        assertEquals(110, buffer.availableBytes());
        for (int i = 0; i < 110; i++) {
            assertEquals((byte) (990 + i), buffer.bytes().get(buffer.readIndex() + i));
        }
    }

    @Test
    void appendsBehindPinnedBytesAndLeavesAFullPinnedBlock() {
        arrive(1, 600);
        ByteBuffer first = buffer.bytes();
        ReceiveBlock pinned = buffer.pin();
        buffer.consume(600);
        arrive(1, 300);
        assertSame(first, buffer.bytes(), "room behind the pinned bytes");
        buffer.consume(290);
        arrive(200, 100);
        assertNotSame(first, buffer.bytes());
        for (int i = 0; i < 600; i++) {
            assertEquals((byte) i, first.get(i), "pinned bytes stay");
        }
        assertEquals((byte) 890, buffer.bytes().get(buffer.readIndex()));
        buffer.unpin(pinned);
    }

    @Test
    void saysNoToPinsWhenTooManyBlocksAreLeftBehind() {
        List<ReceiveBlock> pins = new ArrayList<>();
        while (buffer.mayPin()) {
            arrive(1, BLOCK_BYTES);
            buffer.consume(buffer.availableBytes());
            pins.add(buffer.pin());
        }
        assertEquals(5, pins.size());
        buffer.unpin(pins.remove(0));
        assertTrue(buffer.mayPin());
        pins.forEach(buffer::unpin);
        assertTrue(buffer.mayPin());
    }

    @Test
    void neverChangesPinnedBytesWhateverArrives() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        record Pin(ReceiveBlock block, int at, byte[] copy) {}
        List<Pin> pins = new ArrayList<>();
        for (int round = 0; round < 5000; round++) {
            arrive(1 + random.nextInt(300), random.nextInt(400));
            int unit = Math.min(buffer.availableBytes(), random.nextInt(300));
            if (unit > 0 && buffer.mayPin() && random.nextBoolean()) {
                byte[] copy = new byte[unit];
                buffer.bytes().get(buffer.readIndex(), copy);
                pins.add(new Pin(buffer.pin(), buffer.readIndex(), copy));
            }
            buffer.consume(unit);
            if (!pins.isEmpty() && random.nextInt(3) == 0) {
                Pin pin = pins.remove(random.nextInt(pins.size()));
                byte[] now = new byte[pin.copy().length];
                pin.block().bytes().get(pin.at(), now);
                assertEquals(ByteBuffer.wrap(pin.copy()), ByteBuffer.wrap(now), "seed " + seed);
                buffer.unpin(pin.block());
            }
            if (buffer.availableBytes() > 700) {
                buffer.consume(buffer.availableBytes());
            }
        }
    }

    @Test
    void takesPinsBackAfterTheConnectionEnded() {
        arrive(1, 100);
        ReceiveBlock pinned = buffer.pin();
        buffer.close();
        assertEquals(0, buffer.availableBytes());
        buffer.unpin(pinned);
        assertFalse(pinned.isPinned());
    }
}
