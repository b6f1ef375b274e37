package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.volume.VolumeStatus;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the status tells about space: nothing that is in the bucket is called dirty, nothing that was unmapped is called mapped. */
final class SpaceFiguresTest {
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(10);
    private static final int WRITTEN = 256 << 10;

    private final SimulatedGateway gateway = new SimulatedGateway(
            new MemoryObjectStore(),
            12,
            SimulatedSettings.plain().maxAge(Duration.ofSeconds(1)).checkpoint(CHECKPOINT_INTERVAL, 1000));

    @BeforeEach
    void writeSomething() {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        gateway.port().fill(0, WRITTEN, 1);
        gateway.drain();
    }

    private VolumeStatus status() {
        return gateway.opened().volume().status();
    }

    /** Two ranges that meet are one entry of the journal. */
    @Test
    void nothingIsDirtyAfterAdjacentRangesWereUnmappedTogether() {
        var unused = gateway.port().run((port, done) -> {
            port.unmap(0, WRITTEN / 2, false, first -> assertTrue(first == null));
            port.unmap(WRITTEN / 2, WRITTEN / 2, false, done);
        });
        assertTrue(status().dirtyBytes() > 0);
        gateway.drain();
        assertEquals(0, status().dirtyBytes());
    }

    @Test
    void whatWasUnmappedIsNotMappedAfterTheNextCheckpoint() {
        assertEquals(WRITTEN, status().mappedBytes());
        gateway.port().unmap(0, WRITTEN / 4);
        gateway.drain();
        gateway.runtime().runFor(CHECKPOINT_INTERVAL.multipliedBy(2));
        assertEquals(WRITTEN * 3 / 4, status().mappedBytes());
    }
}
