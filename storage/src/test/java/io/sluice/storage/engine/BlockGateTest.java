package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.SuppressForbidden;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressForbidden("seeded generators, and threads in one test")
final class BlockGateTest {
    private static final long LEAF = BlockGeometry.LEAF_BLOCKS;
    private static final long ROUND = BlockGate.STRIPES * LEAF;

    private final BlockGate gate = new BlockGate();
    private final List<String> order = new ArrayList<>();

    private class Operation extends BlockGate.Pass {
        private final String name;
        private final Executor loop;
        boolean inside;

        Operation(String name, Executor loop) {
            this.name = name;
            this.loop = loop;
        }

        boolean enter(long lba, long count, boolean exclusive) {
            inside = gate.enter(this, lba, count, exclusive);
            return inside;
        }

        void leave() {
            inside = false;
            gate.leave(this);
        }

        @Override
        Executor loop() {
            return loop;
        }

        @Override
        void admitted() {
            inside = true;
            order.add(name);
        }
    }

    private Operation operation(String name) {
        return new Operation(name, Runnable::run);
    }

    @Test
    void wholeBlockWritesOfTheSameBlocksGoSideBySide() {
        assertTrue(operation("a").enter(5, 10, false));
        assertTrue(operation("b").enter(5, 10, false));
    }

    @Test
    void aPartialWriteWaitsForAllOthersAndKeepsThemOut() {
        Operation first = operation("first");
        Operation second = operation("second");
        Operation part = operation("part");
        Operation late = operation("late");
        assertTrue(first.enter(0, 1, false));
        assertTrue(second.enter(1, 1, false));
        assertFalse(part.enter(2, 1, true));
        assertFalse(late.enter(3, 1, false), "the order of arrival counts");
        first.leave();
        assertFalse(part.inside);
        second.leave();
        assertTrue(part.inside);
        assertFalse(late.inside);
        part.leave();
        assertTrue(late.inside);
        assertEquals(List.of("part", "late"), order);
    }

    @Test
    void waitersAreServedInTheirOrder() {
        Operation holder = operation("holder");
        assertTrue(holder.enter(0, 1, true));
        List<Operation> waiting = new ArrayList<>();
        for (String name : List.of("1 shared", "2 shared", "3 alone", "4 shared")) {
            Operation one = operation(name);
            assertFalse(one.enter(0, 1, name.endsWith("alone")));
            waiting.add(one);
        }
        holder.leave();
        assertEquals(List.of("1 shared", "2 shared"), order);
        waiting.get(0).leave();
        waiting.get(1).leave();
        waiting.get(2).leave();
        assertEquals(List.of("1 shared", "2 shared", "3 alone", "4 shared"), order);
    }

    @Test
    void blocksOfOtherLeavesAreNotHeldUp() {
        assertTrue(operation("a").enter(0, LEAF, true));
        assertTrue(operation("b").enter(LEAF, LEAF, true));
    }

    @Test
    void rangesThatWrapAroundTheStripesAndRangesOverAllOfThemWork() {
        Operation wrapping = operation("wrapping");
        assertTrue(wrapping.enter(ROUND - LEAF, 2 * LEAF, true));
        assertFalse(operation("last stripe").enter(ROUND - 1, 1, false));
        assertFalse(operation("first stripe").enter(ROUND, 1, false));
        assertTrue(operation("second stripe").enter(ROUND + LEAF, 1, false));
        Operation all = operation("all");
        assertFalse(all.enter(17, 1L << 40, false));
        wrapping.leave();
        assertTrue(all.inside);
    }

    @Test
    void whoGivesUpHoldsNothingAndLetsThoseBehindGoOn() {
        Operation holder = operation("holder");
        Operation impatient = operation("impatient");
        Operation first = operation("first stripe");
        Operation second = operation("second stripe");
        assertTrue(holder.enter(LEAF, 1, false));
        assertFalse(impatient.enter(0, 2 * LEAF, true));
        assertFalse(first.enter(0, 1, false));
        assertFalse(second.enter(LEAF, 1, false));
        assertTrue(gate.giveUp(impatient));
        assertEquals(List.of("second stripe", "first stripe"), order);
        assertFalse(gate.giveUp(impatient), "it does not wait any more");
        gate.leave(impatient); // holds nothing
        first.leave();
        second.leave();
        holder.leave();
        assertTrue(operation("all").enter(0, 2 * LEAF, true));
    }

    @Test
    void whoWasLetInMeanwhileCannotGiveUp() {
        List<Runnable> posted = new ArrayList<>();
        Operation holder = operation("holder");
        Operation slow = new Operation("slow", posted::add);
        assertTrue(holder.enter(0, 1, true));
        assertFalse(slow.enter(0, 1, true));
        holder.leave();
        assertFalse(gate.giveUp(slow));
        posted.get(0).run();
        assertTrue(slow.inside);
        slow.leave();
        assertFalse(gate.giveUp(slow));
        assertTrue(operation("next").enter(0, 1, true));
    }

    @Test
    void leavingWithoutHavingEnteredIsABrokenInvariant() {
        assertTrue(operation("holder").enter(0, 1, true));
        Operation waiting = operation("waiting");
        assertFalse(waiting.enter(0, 2 * LEAF, true));
        assertThrows(Invariant.Broken.class, waiting::leave);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyWaiterIsAdmittedAndNobodyMeetsAnExclusiveOne(long seed) {
        Random random = new Random(seed);
        ArrayDeque<Runnable> loop = new ArrayDeque<>();
        List<Operation> open = new ArrayList<>();
        int[] holders = new int[4];
        for (int i = 0; i < 3000; i++) {
            if (open.size() < 20 && random.nextBoolean()) {
                Operation one = new Counting(random.nextInt(4), random.nextInt(3) == 0, loop, holders);
                open.add(one);
                ((Counting) one).begin();
            } else if (!loop.isEmpty() && random.nextBoolean()) {
                loop.remove().run();
            } else {
                open.stream().filter(one -> one.inside).findAny().ifPresent(one -> {
                    open.remove(one);
                    one.leave();
                });
            }
        }
        while (!open.isEmpty()) {
            while (!loop.isEmpty()) {
                loop.remove().run();
            }
            Operation next = open.stream()
                    .filter(one -> one.inside)
                    .findAny()
                    .orElseThrow(() ->
                            new AssertionError("seed " + seed + ": " + open.size() + " wait, and nobody is inside"));
            open.remove(next);
            next.leave();
        }
    }

    /** Counts who is inside of which of four leaves: -1 stands for an exclusive one. */
    private final class Counting extends Operation {
        private final int leaf;
        private final int leaves;
        private final boolean exclusive;
        private final int[] holders;

        Counting(int leaf, boolean exclusive, ArrayDeque<Runnable> loop, int[] holders) {
            super("counting", loop::add);
            this.leaf = leaf;
            this.leaves = 4 - leaf;
            this.exclusive = exclusive;
            this.holders = holders;
        }

        void begin() {
            if (enter(leaf * LEAF, leaves * LEAF, exclusive)) {
                hold();
            }
        }

        @Override
        void admitted() {
            super.admitted();
            hold();
        }

        private void hold() {
            for (int i = leaf; i < leaf + leaves; i++) {
                assertTrue(exclusive ? holders[i] == 0 : holders[i] >= 0, "leaf " + i + " is taken");
                holders[i] += exclusive ? -1 : 1;
            }
        }

        @Override
        void leave() {
            for (int i = leaf; i < leaf + leaves; i++) {
                holders[i] += exclusive ? 1 : -1;
            }
            super.leave();
        }
    }

    @Test
    @Timeout(60)
    void noWakeUpIsLostBetweenThreads() throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        AtomicIntegerArray holders = new AtomicIntegerArray(8);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        for (int thread = 0; thread < 4; thread++) {
            Random random = new Random(thread);
            pool.execute(() -> {
                try {
                    while (System.nanoTime() < end && failure.get() == null) {
                        cross(random, holders);
                    }
                } catch (InterruptedException | RuntimeException | AssertionError problem) {
                    failure.set(problem);
                }
            });
        }
        pool.shutdown();
        assertTrue(pool.awaitTermination(30, TimeUnit.SECONDS), "somebody waits for ever");
        assertEquals(null, failure.get());
    }

    /** Goes through the gate once. */
    private void cross(Random random, AtomicIntegerArray holders) throws InterruptedException {
        boolean exclusive = random.nextInt(4) == 0;
        int first = random.nextInt(8);
        int leaves = 1 + random.nextInt(8 - first);
        Semaphore admitted = new Semaphore(0);
        BlockGate.Pass pass = new BlockGate.Pass() {
            @Override
            Executor loop() {
                return Runnable::run;
            }

            @Override
            void admitted() {
                admitted.release();
            }
        };
        if (!gate.enter(pass, first * LEAF, leaves * LEAF, exclusive)) {
            assertTrue(admitted.tryAcquire(20, TimeUnit.SECONDS), "never admitted");
        }
        for (int i = first; i < first + leaves; i++) {
            int now = holders.addAndGet(i, exclusive ? 1000 : 1);
            assertTrue(exclusive ? now == 1000 : now < 1000, "leaf " + i + " is shared with an exclusive one");
        }
        for (int i = first; i < first + leaves; i++) {
            holders.addAndGet(i, exclusive ? -1000 : -1);
        }
        gate.leave(pass);
    }
}
