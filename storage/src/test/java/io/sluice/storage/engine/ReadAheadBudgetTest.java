package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.storage.runtime.Invariant;
import org.junit.jupiter.api.Test;

final class ReadAheadBudgetTest {
    private static final long MIB = 1 << 20;

    @Test
    void grantsWhatIsLeftButNoCrumbs() {
        ReadAheadBudget budget = new ReadAheadBudget(4 * MIB);
        assertEquals(3 * MIB, budget.take(3 * MIB));
        assertEquals(MIB - 4096, budget.take(MIB - 4096));
        assertEquals(0, budget.take(2 * MIB), "4 KiB are left");
        assertEquals(4096, budget.take(4096), "all that is wanted");
        assertEquals(3, budget.underWay());
        budget.giveBack(MIB - 4096);
        assertEquals(MIB - 4096, budget.take(2 * MIB));
        budget.giveBack(MIB - 4096);
        budget.giveBack(4096);
        budget.giveBack(3 * MIB);
        assertEquals(0, budget.underWay());
        assertEquals(4 * MIB, budget.take(100 * MIB));
    }

    @Test
    void isNeverGivenMoreThanItGranted() {
        ReadAheadBudget budget = new ReadAheadBudget(MIB);
        long granted = budget.take(MIB);
        budget.giveBack(granted);
        assertThrows(Invariant.Broken.class, () -> budget.giveBack(granted));
    }
}
