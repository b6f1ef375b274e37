package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.recovery.TakeoverRefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A process dies between the note of the manifest that it is about to put and the note that the volume is open. */
final class InterruptedOpeningTest {
    private static final int BLOCK = 4096;
    private static final String SECOND_EPOCH = "sim/manifest/0000000000000003";
    private static final SimulatedSettings SETTINGS =
            SimulatedSettings.plain().maxAge(Duration.ofHours(1)).takeover(VolumeSettings.Takeover.ASK);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 1, SETTINGS);
    private final SimulatedGateway copied = new SimulatedGateway(bucket, 2, SETTINGS);

    /** Epoch 1 has a write that is in its journal only. */
    @BeforeEach
    void aWriteInTheJournal() throws IOException {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        gateway.port().fill(0, BLOCK, 1);
        gateway.crashProcess();
    }

    private boolean epochIsRaised() {
        return bucket.bytes(SECOND_EPOCH) != null;
    }

    /** Cannot reach the bucket from the moment on in which it is about to put the manifest, or has. */
    private void dieOpening(SimulatedGateway which, boolean afterThePut) throws IOException {
        which.beforeRequest(
                request -> afterThePut
                        ? epochIsRaised()
                        : request.isPut() && request.subject().equals(SECOND_EPOCH),
                () -> which.faults().setOutage(true));
        assertInstanceOf(ObjectStoreException.class, which.openingFailure());
        which.crashProcess();
        assertEquals(afterThePut, epochIsRaised());
    }

    private SimulatedDisk copyOfTheDirectory() throws IOException {
        SimulatedDisk copy = SimulatedDisk.create();
        copyFiles(gateway.disk(), copy);
        copyFiles(gateway.disk().directory("journal"), copy.directory("journal"));
        return copy;
    }

    private static void copyFiles(LocalDisk from, LocalDisk to) throws IOException {
        for (String name : from.list()) {
            try (DiskFile source = from.open(name);
                    DiskFile target = to.create(name)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) source.size());
                source.read(bytes, 0);
                target.write(bytes.flip(), 0);
            }
        }
    }

    private void opensWithItsJournal() {
        gateway.open();
        assertTrue(gateway.port().holds(0, BLOCK, 1));
    }

    @Test
    void theOwnerGoesOnWhenItDiedBeforeThePut() throws IOException {
        dieOpening(gateway, false);
        opensWithItsJournal();
    }

    @Test
    void theOwnerGoesOnWhenItDiedAfterThePut() throws IOException {
        dieOpening(gateway, true);
        opensWithItsJournal();
        assertEquals(3, gateway.opened().volume().description().epoch());
    }

    /** The put was on its way when the process died, and arrives when the next one is about to put its own. */
    @Test
    void theOwnerGoesOnWhenThePutArrivesLate() throws IOException {
        dieOpening(gateway, true);
        byte[] late = Objects.requireNonNull(bucket.bytes(SECOND_EPOCH));
        bucket.remove(SECOND_EPOCH);
        gateway.beforeRequest(
                request -> request.isPut() && request.subject().equals(SECOND_EPOCH),
                () -> bucket.replace(SECOND_EPOCH, late));
        opensWithItsJournal();
        assertEquals(3, gateway.opened().volume().description().epoch());
    }

    /** Both have noted that they are about to open epoch 2; the owner did. */
    @Test
    void aCopyThatWasAboutToOpenTheSameEpochIsNotTheOwner() throws IOException {
        copied.useDisk(copyOfTheDirectory());
        dieOpening(copied, false);
        gateway.open();
        gateway.port().fill(0, BLOCK, 2);
        gateway.drain();
        gateway.crashProcess();
        assertInstanceOf(TakeoverRefusedException.class, copied.openingFailure());
        opens(gateway, 2);
    }

    /** Whoever of the two raises the epoch first is the owner. */
    @Test
    void ofTwoCopiesOfAnInterruptedOpeningOneIsTheOwner() throws IOException {
        dieOpening(gateway, true);
        copied.useDisk(copyOfTheDirectory());
        opensWithItsJournal();
        gateway.port().fill(0, BLOCK, 3);
        gateway.drain();
        assertInstanceOf(TakeoverRefusedException.class, copied.openingFailure());
    }

    private static void opens(SimulatedGateway which, int value) {
        which.open();
        assertTrue(which.port().holds(0, BLOCK, value));
    }
}
