package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.LunField;
import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.ScsiTask;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TaskAttribute;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Formatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An initiator port in a test: sends CDBs to one nexus, as the transport would, and shows the answers. The test's thread
 * is the session's loop.
 */
public final class CdbScript {
    private static final byte[] NOTHING = new byte[0];

    private final BlockingQueue<Runnable> loop = new LinkedBlockingQueue<>();
    private final Nexus nexus;
    private final List<CdbScript> neighbours = new ArrayList<>();
    private int lun;
    private boolean outOfMemory;

    public CdbScript(TargetDevice target, NexusIdentity identity) {
        this.nexus = target.open(identity, loop::add);
    }

    public CdbScript(TargetDevice target, String initiator) {
        this(target, new NexusIdentity("iqn.2026-11.test:" + initiator, 0x80_0000_000001L, target.name(), 1));
    }

    /** From now on the loops of all of these turn whenever one of them does, as they would on threads of their own. */
    public static void together(CdbScript... scripts) {
        for (CdbScript script : scripts) {
            script.neighbours.addAll(List.of(scripts));
        }
    }

    /** Later commands go to this LUN. */
    public CdbScript lun(int number) {
        lun = number;
        return this;
    }

    /** Whether the session's memory bound is reached for later commands. */
    public void outOfMemory(boolean value) {
        outOfMemory = value;
    }

    /** Takes the unit attentions that are pending. */
    public CdbScript ready() {
        Answer answer;
        do {
            answer = await(start(cdb("00 00000000 00"), NOTHING, 0, TaskAttribute.SIMPLE));
        } while (answer.status() == ScsiStatus.CHECK_CONDITION);
        return this;
    }

    /** A CDB in hexadecimal; what stands in the arguments is put in by {@link Formatter}. */
    public static byte[] cdb(String format, Object... arguments) {
        StringBuilder hexadecimal = new StringBuilder();
        try (Formatter formatter = new Formatter(hexadecimal, Locale.ROOT)) {
            formatter.format(format, arguments);
        }
        return HexFormat.of().parseHex(hexadecimal.toString().replace(" ", "").toLowerCase(Locale.ROOT));
    }

    /** Without data-out, with room for 64 KiB. */
    public Answer send(String format, Object... arguments) {
        return send(cdb(format, arguments), NOTHING, 1 << 16);
    }

    /** With data-out. */
    public Answer write(byte[] data, String format, Object... arguments) {
        return send(cdb(format, arguments), data, 0);
    }

    /** With everything; {@code room} is the initiator's expected data-in. */
    public Answer send(byte[] cdb, byte[] dataOut, int room) {
        Answer answer = start(cdb, dataOut, room, TaskAttribute.SIMPLE);
        assertEquals(true, answer.task.isEnded(), "ended");
        return answer;
    }

    /** Starts a command and leaves it under way when its volume holds it. */
    public Answer start(byte[] cdb, byte[] dataOut, int room, TaskAttribute attribute) {
        Answer answer = new Answer(new TestTask(room, outOfMemory));
        TestTask task = answer.task;
        System.arraycopy(cdb, 0, task.cdb(), 0, cdb.length);
        LunField.encode(lun, task.lun(), 0);
        task.attribute(attribute);
        nexus.plan(task);
        int moved = (int) Math.min(task.dataOutWanted(), dataOut.length);
        task.dataOut(moved == 0 ? null : ByteBuffer.wrap(dataOut, 0, moved).slice());
        nexus.execute(task);
        nexus.submit();
        pump();
        return answer;
    }

    /** Runs what was handed to the loop. */
    public void pump() {
        boolean worked;
        do {
            worked = turn();
            for (CdbScript neighbour : neighbours) {
                worked |= neighbour.turn();
            }
        } while (worked);
    }

    private boolean turn() {
        boolean worked = false;
        for (Runnable work = loop.poll(); work != null; work = loop.poll()) {
            work.run();
            worked = true;
        }
        return worked;
    }

    /** Runs the loop until the command has ended. */
    public Answer await(Answer answer) {
        try {
            while (!answer.isEnded()) {
                Runnable work = loop.poll(1, TimeUnit.MILLISECONDS);
                if (work != null) {
                    work.run();
                }
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a command was under way", e);
        }
    }

    /** A task management function; the value is null until it has answered. */
    public AtomicReference<@Nullable TaskManagementResponse> manage(
            TaskManagementFunction function, @Nullable Answer task) {
        AtomicReference<@Nullable TaskManagementResponse> response = new AtomicReference<>();
        byte[] field = new byte[8];
        LunField.encode(lun, field, 0);
        nexus.manage(function, field, task == null ? null : task.task, response::set);
        pump();
        return response;
    }

    public void close() {
        close(() -> {});
    }

    /** {@code quiet} runs when none of its tasks can write any more. */
    public void close(Runnable quiet) {
        nexus.close(quiet);
        pump();
    }

    /** What came back. */
    public static final class Answer {
        private final TestTask task;

        Answer(TestTask task) {
            this.task = task;
        }

        public boolean isEnded() {
            return task.isEnded();
        }

        public ScsiStatus status() {
            assertEquals(true, task.isEnded(), "ended");
            return task.status();
        }

        public Answer good() {
            assertEquals(ScsiStatus.GOOD, status(), this::toString);
            return this;
        }

        public Answer status(ScsiStatus expected) {
            assertEquals(expected, status(), this::toString);
            return this;
        }

        /** Expects CHECK CONDITION with this sense. */
        public Answer sense(SenseCode expected) {
            assertEquals(ScsiStatus.CHECK_CONDITION, status(), this::toString);
            assertEquals(describe(expected), describe(senseBytes()));
            return this;
        }

        /** Expects that the initiator hears nothing of the task's end. */
        public void silentlyAborted() {
            status(ScsiStatus.TASK_ABORTED);
            assertEquals(true, task.isUnanswered(), "without an answer");
        }

        /** Expects that the initiator hears of the task's end. */
        public void answered() {
            assertEquals(false, task.isUnanswered(), "answered");
        }

        public byte[] senseBytes() {
            byte[] sense = task.sense();
            return sense == null ? NOTHING : sense;
        }

        /** INFORMATION, -1 when it is not valid. */
        public long information() {
            byte[] sense = senseBytes();
            if ((sense[0] & 0x7F) == 0x72) {
                return sense.length > 8 && (sense[10] & 0x80) != 0 ? CdbField.u64(sense, 12) : -1;
            }
            return (sense[0] & 0x80) != 0 ? CdbField.u32(sense, 3) : -1;
        }

        public byte[] data() {
            ByteBuffer data = task.dataIn();
            if (data == null) {
                return NOTHING;
            }
            byte[] bytes = new byte[data.remaining()];
            data.get(data.position(), bytes);
            return bytes;
        }

        public String hex() {
            return HexFormat.of().formatHex(data());
        }

        public long wantedIn() {
            return task.dataInWanted();
        }

        public long wantedOut() {
            return task.dataOutWanted();
        }

        private static String describe(SenseCode code) {
            return "%x/%02x/%02x".formatted(code.key().code(), code.additionalCode(), code.qualifier());
        }

        private static String describe(byte[] sense) {
            if (sense.length == 0) {
                return "none";
            }
            return (sense[0] & 0x7F) == 0x72
                    ? "%x/%02x/%02x".formatted(sense[1], sense[2], sense[3])
                    : "%x/%02x/%02x".formatted(sense[2], sense[12], sense[13]);
        }

        @Override
        public String toString() {
            return task.status() + " " + describe(senseBytes());
        }
    }

    /** The transport's side of a task. */
    static final class TestTask extends ScsiTask {
        private final int room;
        private final boolean outOfMemory;
        private volatile boolean ended;

        TestTask(int room, boolean outOfMemory) {
            this.room = room;
            this.outOfMemory = outOfMemory;
        }

        boolean isEnded() {
            return ended;
        }

        @Override
        public int dataInRoom() {
            return room;
        }

        @Override
        public @Nullable ByteBuffer allocateDataIn(int bytes) {
            return outOfMemory ? null : ByteBuffer.allocate(bytes + 512);
        }

        @Override
        protected void ended() {
            assertEquals(false, ended, "ended once");
            ended = true;
        }
    }
}
