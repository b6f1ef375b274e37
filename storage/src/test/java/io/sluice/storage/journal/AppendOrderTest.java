package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.Invariant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AppendOrderTest {
    private final AppendOrder order = new AppendOrder(100);
    private final List<String> acknowledged = new ArrayList<>();

    private void complete(long ticket, String name) {
        order.complete(ticket, () -> acknowledged.add(name));
    }

    @Test
    void acknowledgesAtOnceWhenNothingIsBefore() {
        complete(order.enter(110), "a");
        assertEquals(List.of("a"), acknowledged);
        assertEquals(110, order.appliedEnd());
        assertTrue(order.isIdle());
    }

    @Test
    void holdsAcknowledgementsBackUntilAllLowerRangesAreComplete() {
        long a = order.enter(110);
        long b = order.enter(120);
        long c = order.enter(130);
        complete(c, "c");
        complete(b, "b");
        assertEquals(List.of(), acknowledged);
        assertEquals(100, order.appliedEnd());
        complete(a, "a");
        assertEquals(List.of("a", "b", "c"), acknowledged);
        assertEquals(130, order.appliedEnd());
    }

    @Test
    void theWatermarkHasPassedARangeWhenItIsAcknowledged() {
        List<Long> seen = new ArrayList<>();
        long a = order.enter(110);
        long b = order.enter(120);
        order.complete(b, () -> seen.add(order.appliedEnd()));
        order.complete(a, () -> seen.add(order.appliedEnd()));
        assertEquals(List.of(110L, 120L), seen);
    }

    @Test
    void anAcknowledgementMayAppendAgain() {
        order.complete(order.enter(110), () -> complete(order.enter(120), "inner"));
        assertEquals(List.of("inner"), acknowledged);
        assertEquals(120, order.appliedEnd());
    }

    @Test
    void aVoidRangeIsPassedSilently() {
        order.complete(order.enter(110), null);
        assertEquals(110, order.appliedEnd());
    }

    @Test
    void keepsTheOrderOfAnyNumberOfRangesCompletedInAnyOrder() {
        for (long seed = 0; seed < 20; seed++) {
            AppendOrder many = new AppendOrder(0);
            List<Long> tickets = new ArrayList<>();
            List<Long> acknowledgedTickets = new ArrayList<>();
            for (int i = 1; i <= 1000; i++) {
                tickets.add(many.enter(i));
            }
            List<Long> shuffled = new ArrayList<>(tickets);
            Collections.shuffle(shuffled, new Random(seed));
            shuffled.forEach(ticket -> many.complete(ticket, () -> acknowledgedTickets.add(ticket)));
            assertEquals(tickets, acknowledgedTickets, "seed " + seed);
            assertEquals(1000, many.appliedEnd());
        }
    }

    @Test
    void refusesWhatWouldBreakTheOrder() {
        long ticket = order.enter(110);
        assertThrows(Invariant.Broken.class, () -> order.enter(110));
        complete(ticket, "a");
        assertThrows(Invariant.Broken.class, () -> complete(ticket, "again"));
        assertThrows(Invariant.Broken.class, () -> complete(ticket + 1, "never entered"));
    }
}
