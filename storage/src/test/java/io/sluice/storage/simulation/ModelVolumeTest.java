package io.sluice.storage.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the model knows after crashes: what may be there, and what cannot come back. */
final class ModelVolumeTest {
    private static final int SECTORS = 64;
    private static final int BLOCK = BlockHistory.SECTORS;
    private static final long OLD = 7;
    private static final long NEW = 8;

    private final ModelVolume model = new ModelVolume(SECTORS);
    private final long[] content = new long[SECTORS];

    /** Sectors {@code from} to {@code to - 1} hold {@code stamp}, in the bucket. */
    private void filled(int from, int to, long stamp) {
        Arrays.fill(content, from, to, stamp);
        model.settle(content);
    }

    private Change acknowledged(Change.Kind kind, int from, int count, long stamp) {
        Change change = model.begin(kind, from, count, stamp, 0);
        model.succeeded(change, Change.Safety.ACKNOWLEDGED);
        return change;
    }

    /** The second half of block 4 may come from either of two copies that were under way; its first half from neither. */
    @Test
    void oneOfSeveralThatMayStandInAPartOfABlockIsNotTakenForLost() {
        filled(0, 2 * BLOCK, OLD);
        int middle = 4 * BLOCK + BLOCK / 2;
        model.begin(Change.Kind.COPY, middle, BLOCK / 2, 0, 0);
        model.begin(Change.Kind.COPY, middle, BLOCK / 2, 0, BLOCK);
        Arrays.fill(content, middle, middle + BLOCK / 2, OLD);
        assertNull(model.foundAfterPowerLoss(content));
        assertNull(model.foundAfterProcessDeath(content), "the same is found again");
    }

    @Test
    void whatACrashTookDoesNotComeBack() {
        filled(0, BLOCK, OLD);
        acknowledged(Change.Kind.FILL, 0, BLOCK, NEW);
        assertNull(model.foundAfterPowerLoss(content), "it was not flushed");
        Arrays.fill(content, 0, BLOCK, NEW);
        String wrong = model.foundAfterProcessDeath(content);
        assertNotNull(wrong);
        assertEquals("sector 0 holds 8, which nobody wrote", wrong.substring(0, wrong.indexOf(" (the look")));
    }

    @Test
    void aNewerChangeWithoutAnOlderAcknowledgedOneIsNoPrefix() {
        acknowledged(Change.Kind.FILL, 0, BLOCK, OLD);
        acknowledged(Change.Kind.FILL, BLOCK, BLOCK, NEW);
        Arrays.fill(content, BLOCK, 2 * BLOCK, NEW);
        assertNotNull(model.foundAfterPowerLoss(content));
        Arrays.fill(content, 0, BLOCK, OLD);
        Arrays.fill(content, BLOCK, 2 * BLOCK, 0);
        assertNull(model.foundAfterPowerLoss(content));
    }
}
