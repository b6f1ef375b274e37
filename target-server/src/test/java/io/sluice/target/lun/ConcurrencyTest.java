package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.TaskAttribute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several loops on one logical unit, and a random mix against a model. */
class ConcurrencyTest {
    private static final int BLOCKS = 512;

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void countersIncrementedByCompareAndWriteLoseNothing() throws Exception {
        TestUnit unit = new TestUnit();
        int threads = 2;
        int increments = 1000;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            String name = "counter" + i;
            results.add(executor.submit(() -> increment(unit, name, increments)));
        }
        for (Future<Integer> result : results) {
            assertEquals(increments, result.get());
        }
        executor.shutdown();
        byte[] counter = unit.volume.contents(0, 512);
        assertEquals((long) threads * increments, CdbField.u64(counter, 0));
    }

    private static int increment(TestUnit unit, String name, int times) {
        CdbScript script = new CdbScript(unit.target, name).ready();
        int done = 0;
        while (done < times) {
            byte[] old = script.send("28 00 00000000 00 0001 00").good().data();
            byte[] both = Arrays.copyOf(old, 1024);
            CdbField.putU64(both, 512, CdbField.u64(old, 0) + 1);
            CdbScript.Answer answer = script.start(
                    CdbScript.cdb("89 00 0000000000000000 000000 01 00 00"), both, 0, TaskAttribute.SIMPLE);
            done += script.await(answer).status() == ScsiStatus.GOOD ? 1 : 0;
        }
        return done;
    }

    @Test
    void compareAndWriteWaitsForOverlappingWritesAndHoldsThemBack() {
        TestUnit unit = new TestUnit();
        CdbScript second = unit.second();
        byte[] one = TestUnit.pattern(512, 1);
        byte[] two = TestUnit.pattern(512, 2);
        byte[] oneThenTwo = Arrays.copyOf(one, 1024);
        System.arraycopy(two, 0, oneThenTwo, 512, 512);
        unit.volume.hold();
        CdbScript.Answer write =
                unit.initiator.start(CdbScript.cdb("2A 00 00000000 00 0001 00"), one, 0, TaskAttribute.SIMPLE);
        CdbScript.Answer compare = second.start(
                CdbScript.cdb("89 00 0000000000000000 000000 01 00 00"), oneThenTwo, 0, TaskAttribute.SIMPLE);
        CdbScript.Answer late = unit.initiator.start(
                CdbScript.cdb("2A 00 00000000 00 0002 00"), new byte[1024], 0, TaskAttribute.SIMPLE);
        CdbScript.Answer elsewhere =
                unit.initiator.start(CdbScript.cdb("2A 00 00000008 00 0001 00"), one, 0, TaskAttribute.SIMPLE);
        assertEquals(2, unit.volume.heldOperations(), "the first write, and the one elsewhere");
        unit.volume.release();
        write.good();
        elsewhere.good();
        second.pump();
        compare.good();
        assertEquals(false, late.isEnded());
        assertArrayEquals(two, unit.volume.contents(0, 512));
        unit.initiator.pump();
        late.good();
        assertArrayEquals(new byte[1024], unit.volume.contents(0, 1024));
    }

    @Test
    void randomMixReadsBackWhatAModelHolds() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        TestUnit unit = new TestUnit(new RamVolume(BLOCKS * 512), LogicalUnitSettings.DEFAULT);
        byte[] model = new byte[BLOCKS * 512];
        for (int i = 0; i < 3000; i++) {
            step(unit, model, random, "seed " + seed + ", step " + i);
        }
        assertArrayEquals(model, unit.volume.contents(0, model.length), "seed " + seed);
    }

    private static void step(TestUnit unit, byte[] model, Random random, String where) {
        if (random.nextInt(4) == 0) {
            unit.volume.hold();
        }
        int blocks = random.nextInt(32);
        int address = random.nextInt(BLOCKS - blocks);
        int from = address * 512;
        int to = from + (blocks * 512);
        byte[] data = TestUnit.pattern(blocks * 512, random.nextLong());
        CdbScript script = unit.initiator;
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                finish(unit, start(script, data, "2A 00 %08x 00 %04x 00", address, blocks))
                        .good();
                System.arraycopy(data, 0, model, from, data.length);
            }
            case 2 -> {
                byte[] pattern = TestUnit.pattern(512, random.nextLong());
                CdbScript.Answer answer =
                        finish(unit, start(script, pattern, "41 00 %08x 00 %04x 00", address, blocks));
                for (int at = from; at < to; at += 512) {
                    System.arraycopy(pattern, 0, model, at, 512);
                }
                answer.status(blocks == 0 ? ScsiStatus.CHECK_CONDITION : ScsiStatus.GOOD);
            }
            case 3 -> {
                byte[] list = CdbScript.cdb("0016 0010 00000000 %016x %08x 00000000", address, blocks);
                finish(unit, start(script, list, "42 00 00000000 00 0018 00")).good();
                Arrays.fill(model, from, to, (byte) 0);
            }
            default -> {
                CdbScript.Answer read =
                        finish(unit, start(script, new byte[0], "28 00 %08x 00 %04x 00", address, blocks));
                assertArrayEquals(
                        Arrays.copyOfRange(model, from, to), read.good().data(), where);
                byte[] expected = Arrays.copyOfRange(model, from, to);
                finish(unit, start(script, expected, "2F 02 %08x 00 %04x 00", address, blocks))
                        .good();
            }
        }
        unit.volume.release();
    }

    private static CdbScript.Answer start(CdbScript script, byte[] data, String cdb, Object... arguments) {
        return script.start(CdbScript.cdb(cdb, arguments), data, 1 << 16, TaskAttribute.SIMPLE);
    }

    private static CdbScript.Answer finish(TestUnit unit, CdbScript.Answer answer) {
        while (!answer.isEnded()) {
            unit.volume.releaseHeld();
            unit.initiator.pump();
        }
        return answer;
    }
}
