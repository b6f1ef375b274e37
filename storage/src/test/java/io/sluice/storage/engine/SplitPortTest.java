package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who does large transfers; that they are right is for the models, whose volumes have small "large" ones. */
final class SplitPortTest {
    private static final int LARGE = 64 << 10;
    private static final int SMALL = 4096;

    private final SimulatedGateway gateway = new SimulatedGateway(
            new MemoryObjectStore(), 1, SimulatedSettings.plain().settings(), FaultPlan.none());
    private final List<Optional<IoFailure>> ended = new ArrayList<>();
    private final List<Runnable> loop = new ArrayList<>();

    @BeforeEach
    void open() {
        gateway.largeTransfersFrom(LARGE);
        gateway.create(ByteSize.ofMiB(1));
        gateway.open();
    }

    private VolumePort port() {
        return gateway.opened().volume().openPort(loop::add);
    }

    private long journalEnd() {
        return gateway.opened().volume().status().lastAcknowledgedSequence();
    }

    private void write(VolumePort port, long offset, int bytes, int value) {
        byte[] data = new byte[bytes];
        Arrays.fill(data, (byte) value);
        port.write(offset, ByteBuffer.wrap(data), false, failure -> ended.add(Optional.ofNullable(failure)));
        port.submit();
    }

    private byte[] read(VolumePort port, long offset, int bytes) {
        ByteBuffer destination = ByteBuffer.allocate(bytes);
        port.read(offset, destination, failure -> ended.add(Optional.ofNullable(failure)));
        gateway.runtime().runReady();
        return destination.array();
    }

    @Test
    void aSmallWriteIsInTheJournalAtOnceALargeOneAfterItsLane() {
        VolumePort port = port();
        long before = journalEnd();
        write(port, 0, SMALL, 1);
        long between = journalEnd();
        assertTrue(between > before);
        write(port, LARGE, LARGE, 2);
        assertEquals(between, journalEnd());
        gateway.runtime().runReady();
        assertTrue(journalEnd() > between);
        assertEquals(List.of(Optional.empty(), Optional.empty()), ended);
        byte[] expected = new byte[LARGE];
        Arrays.fill(expected, (byte) 2);
        assertArrayEquals(expected, read(port, LARGE, LARGE));
    }

    @Test
    void aLargeReadIsMadeByAWorker() {
        VolumePort port = port();
        write(port, 0, SMALL, 7);
        ended.clear();
        ByteBuffer destination = ByteBuffer.allocate(LARGE);
        port.read(0, destination, failure -> ended.add(Optional.ofNullable(failure)));
        assertEquals(0, destination.position());
        assertEquals(List.of(), ended);
        gateway.runtime().runReady();
        assertEquals(List.of(Optional.empty()), ended);
        assertEquals(LARGE, destination.position());
        assertEquals(7, destination.get(SMALL - 1));
        assertEquals(0, destination.get(SMALL));
    }

    @Test
    void aLargeWriteThatWasBegunBeforeTheEndOfThePortEnds() {
        VolumePort port = port();
        write(port, 0, LARGE, 3);
        port.close();
        gateway.runtime().runReady();
        assertEquals(List.of(Optional.empty()), ended);
        assertEquals(3, read(port(), 0, SMALL)[0]);
    }
}
