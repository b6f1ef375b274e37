package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.TaskAttribute;
import io.sluice.target.scsi.TaskManagementFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever an initiator sends, and whoever aborts what: every task ends once, and nothing breaks inside. */
class RobustnessTest {
    private static final int INTERNAL_TARGET_FAILURE = 0x44;

    @Test
    void randomCdbsEndWithAnAnswerThatIsNotAnInternalFailure() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        TestUnit unit = new TestUnit(new RamVolume(1 << 20), LogicalUnitSettings.DEFAULT);
        List<CommandDescriptor> rows = unit.unit.commands().all();
        for (int i = 0; i < 20_000; i++) {
            byte[] cdb = new byte[16];
            random.nextBytes(cdb);
            if (random.nextInt(8) != 0) {
                CommandDescriptor row = rows.get(random.nextInt(rows.size()));
                mask(cdb, row, random);
            }
            byte[] data = new byte[random.nextInt(3) * random.nextInt(2048)];
            random.nextBytes(data);
            CdbScript.Answer answer = unit.initiator.start(cdb, data, random.nextInt(4096), TaskAttribute.SIMPLE);
            String where = "seed " + seed + ", step " + i + ": "
                    + java.util.HexFormat.of().formatHex(cdb);
            assertTrue(answer.isEnded(), where);
            byte[] sense = answer.senseBytes();
            boolean internal =
                    sense.length > 13 && ((sense[0] & 0x7F) == 0x70 ? sense[12] : sense[2]) == INTERNAL_TARGET_FAILURE;
            assertEquals(false, internal, where);
            assertEquals(true, answer.data().length <= answer.wantedIn(), where);
        }
    }

    /** A CDB of the row: bits it does not look at are zero, counts small, sometimes a random byte. */
    private static void mask(byte[] cdb, CommandDescriptor row, Random random) {
        byte[] usage = row.usage();
        for (int i = 1; i < cdb.length; i++) {
            cdb[i] &= i < usage.length - 1 ? usage[i] : 0;
            if (i > 1 && random.nextInt(4) != 0) {
                cdb[i] = i >= usage.length - 3 && random.nextBoolean() ? (byte) random.nextInt(4) : 0;
            }
        }
        cdb[0] = (byte) row.opcode();
        if (row.hasServiceAction()) {
            cdb[1] = (byte) ((cdb[1] & 0xE0) | row.serviceAction());
        }
        cdb[usage.length - 1] = 0;
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void everyTaskEndsUnderLoadWithAbortsAndResetsFromAllSides() throws Exception {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        TestUnit unit = new TestUnit();
        ExecutorService engine = Executors.newFixedThreadPool(2);
        ExecutorService loops = Executors.newFixedThreadPool(3);
        unit.volume.completeOn(engine);
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            results.add(loops.submit(() -> load(unit, "loop" + number, new Random(seed + number))));
        }
        for (Future<Integer> result : results) {
            assertTrue(result.get() > 0, "seed " + seed);
        }
        CdbScript last = new CdbScript(unit.target, "last").ready();
        CdbScript.Answer ordered =
                last.start(CdbScript.cdb("28 00 00000000 00 0001 00"), new byte[0], 512, TaskAttribute.ORDERED);
        last.await(ordered).good();
        loops.shutdown();
        engine.shutdown();
    }

    private static int load(TestUnit unit, String name, Random random) {
        CdbScript script = new CdbScript(unit.target, name).ready();
        int good = 0;
        for (int round = 0; round < 300; round++) {
            List<CdbScript.Answer> underWay = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                underWay.add(startOne(script, random));
            }
            if (random.nextInt(10) == 0) {
                TaskManagementFunction[] functions = {
                    TaskManagementFunction.ABORT_TASK,
                    TaskManagementFunction.ABORT_TASK_SET,
                    TaskManagementFunction.CLEAR_TASK_SET,
                    TaskManagementFunction.LOGICAL_UNIT_RESET
                };
                script.manage(functions[random.nextInt(functions.length)], underWay.get(random.nextInt(8)));
            }
            for (CdbScript.Answer answer : underWay) {
                good += script.await(answer).status() == ScsiStatus.GOOD ? 1 : 0;
            }
        }
        script.close();
        return good;
    }

    private static CdbScript.Answer startOne(CdbScript script, Random random) {
        TaskAttribute attribute = switch (random.nextInt(12)) {
            case 0 -> TaskAttribute.ORDERED;
            case 1 -> TaskAttribute.HEAD_OF_QUEUE;
            default -> TaskAttribute.SIMPLE;
        };
        int address = random.nextInt(16);
        return switch (random.nextInt(4)) {
            case 0 -> script.start(CdbScript.cdb("28 00 %08x 00 0008 00", address), new byte[0], 4096, attribute);
            case 1 -> script.start(CdbScript.cdb("89 00 %016x 000000 02 00 00", address), new byte[2048], 0, attribute);
            case 2 -> script.start(CdbScript.cdb("2F 00 %08x 00 0800 00", address), new byte[0], 0, attribute);
            default -> script.start(CdbScript.cdb("2A 00 %08x 00 0004 00", address), new byte[2048], 0, attribute);
        };
    }
}
