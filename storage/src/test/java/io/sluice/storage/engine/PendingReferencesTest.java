package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.journal.ReferenceRuns;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PendingReferencesTest {
    private final PendingReferences references = new PendingReferences();

    private static LocatorRun run(long segment, int slot, int count) {
        return new LocatorRun(Locator.segment(segment, 4096, 1024, slot), count, false);
    }

    @Test
    void aSegmentIsHeldFromTheLookUpUntilTheLastRecordIsCommitted() {
        PendingReferences.Hold hold = references.newHold();
        hold.add(run(7, 3, 1).first());
        hold.add(run(7, 4, 1).first());
        assertTrue(references.isHeld(7));
        references.put(100, 50, new ReferenceRuns(List.of(run(7, 3, 2), run(8, 0, 1))));
        hold.release();
        hold.release();
        assertTrue(references.isHeld(7));
        references.put(101, 60, new ReferenceRuns(List.of(run(7, 9, 1))));
        references.releaseBelow(101);
        assertTrue(references.isHeld(7));
        assertFalse(references.isHeld(8));
        references.releaseBelow(102);
        assertFalse(references.isHeld(7));
        assertEquals(0, references.size());
    }

    @Test
    void aRecordSaysWhereEachOfItsBlocksStandsUntilItIsCommitted() {
        references.put(100, 50, new ReferenceRuns(List.of(run(7, 3, 2), run(8, 0, 1))));
        assertEquals(Locator.shared(run(7, 4, 1).first()), references.locator(100, 51));
        assertEquals(Locator.shared(run(8, 0, 1).first()), references.locator(100, 52));
        references.releaseBelow(101);
        assertEquals(Locator.UNKNOWN, references.locator(100, 51));
    }

    @Test
    void writersWaitWhenThereAreTooMany() {
        for (int i = 0; i < PendingReferences.RECORDS_MAX; i++) {
            assertFalse(references.isFull());
            references.put(i + 1, i, new ReferenceRuns(List.of(run(1, 0, 1))));
        }
        assertTrue(references.isFull());
        references.releaseBelow(2);
        assertFalse(references.isFull());
    }
}
