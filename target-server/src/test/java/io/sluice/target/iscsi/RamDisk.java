package io.sluice.target.iscsi;

import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.NexusTransport;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.ScsiTarget;
import io.sluice.target.scsi.ScsiTask;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A target with one logical unit in memory, for tests of the transport: just enough SCSI. Writes reach the memory in
 * {@link Nexus#submit}, as with a real volume, or later when {@link #holdWrites} is on.
 */
public final class RamDisk implements ScsiTarget {
    /** Block length. */
    public static final int BLOCK_BYTES = 512;

    private static final int READ_10 = 0x28;
    private static final int WRITE_10 = 0x2a;
    private static final int READ_16 = 0x88;
    private static final int WRITE_16 = 0x8a;
    private static final int INQUIRY = 0x12;
    private static final int TEST_UNIT_READY = 0x00;
    private static final int BROKEN = 0xee;
    private static final int READ_CAPACITY_10 = 0x25;
    private static final int SERVICE_ACTION_IN_16 = 0x9e;
    private static final int REPORT_LUNS = 0xa0;
    private static final byte[] INVALID_OPCODE = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0};
    private static final byte[] LBA_OUT_OF_RANGE = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x21, 0, 0, 0, 0, 0};

    private final String name;
    private final byte[] content;
    private final List<DiskNexus> nexuses = new CopyOnWriteArrayList<>();
    private final AtomicInteger opened = new AtomicInteger();
    private volatile boolean holdWrites;
    private final List<DiskNexus> lingering = new CopyOnWriteArrayList<>();
    private volatile boolean completeElsewhere;
    private volatile boolean keepWritesOnClose;

    /** Full of zeros. */
    public RamDisk(String name, int blocks) {
        this.name = name;
        this.content = new byte[blocks * BLOCK_BYTES];
    }

    /** A copy of the content. */
    public byte[] content() {
        synchronized (content) {
            return content.clone();
        }
    }

    /** Puts bytes there directly. */
    public void fill(int offset, byte[] bytes) {
        synchronized (content) {
            System.arraycopy(bytes, 0, content, offset, bytes.length);
        }
    }

    /** From now on writes stay unfinished until {@link #releaseWrites}. */
    public void holdWrites() {
        holdWrites = true;
    }

    /** Lets held writes go on. */
    public void releaseWrites() {
        holdWrites = false;
        nexuses.forEach(nexus -> nexus.loop.execute(nexus::submit));
        lingering.forEach(nexus -> nexus.loop.execute(nexus::submit));
    }

    /** Held writes survive the end of their nexus: as when they are on their way to a slow disk. */
    public void keepWritesOnClose() {
        keepWritesOnClose = true;
    }

    /** Ends commands on another thread. */
    public void completeElsewhere() {
        completeElsewhere = true;
    }

    /** Nexuses not closed. */
    public int openNexuses() {
        return nexuses.size();
    }

    /** All nexuses there ever were. */
    public int nexusesEver() {
        return opened.get();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Nexus open(NexusIdentity identity, NexusTransport loop) {
        opened.incrementAndGet();
        DiskNexus nexus = new DiskNexus(loop);
        nexuses.add(nexus);
        return nexus;
    }

    /** One nexus. */
    private final class DiskNexus implements Nexus {
        private final NexusTransport loop;
        private final List<ScsiTask> writes = new ArrayList<>();
        private Runnable whenQuiet = () -> {};

        DiskNexus(NexusTransport loop) {
            this.loop = loop;
        }

        @Override
        public void plan(ScsiTask task) {
            switch (task.cdb()[0] & 0xff) {
                case READ_10, READ_16 -> task.wanted(0, transferBytes(task));
                case WRITE_10, WRITE_16 -> task.wanted(transferBytes(task), 0);
                case INQUIRY -> task.wanted(0, ByteBuffer.wrap(task.cdb()).getShort(3) & 0xffff);
                case READ_CAPACITY_10 -> task.wanted(0, 8);
                case SERVICE_ACTION_IN_16 ->
                    task.wanted(0, ByteBuffer.wrap(task.cdb()).getInt(10));
                case REPORT_LUNS -> task.wanted(0, ByteBuffer.wrap(task.cdb()).getInt(6));
                default -> task.wanted(0, 0);
            }
        }

        @Override
        public void execute(ScsiTask task) {
            switch (task.cdb()[0] & 0xff) {
                case READ_10, READ_16 -> read(task);
                case WRITE_10, WRITE_16 -> write(task);
                case INQUIRY -> answer(task, inquiry(task));
                case READ_CAPACITY_10 -> answer(task, capacity10());
                case SERVICE_ACTION_IN_16 -> answer(task, capacity16());
                case REPORT_LUNS -> answer(task, new byte[] {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
                case TEST_UNIT_READY -> end(task, ScsiStatus.GOOD, null);
                case BROKEN -> throw new IllegalStateException("expected by the test");
                default -> end(task, ScsiStatus.CHECK_CONDITION, INVALID_OPCODE.clone());
            }
        }

        @Override
        public void submit() {
            if (holdWrites) {
                return;
            }
            List<ScsiTask> due = new ArrayList<>(writes);
            writes.clear();
            for (ScsiTask task : due) {
                store(task);
                end(task, ScsiStatus.GOOD, null);
            }
            whenQuiet.run();
        }

        @Override
        public void manage(
                TaskManagementFunction function,
                byte[] lun,
                @Nullable ScsiTask task,
                Consumer<TaskManagementResponse> response) {
            List<ScsiTask> victims = new ArrayList<>(writes);
            victims.removeIf(one -> task != null && one != task);
            if (keepWritesOnClose) {
                whenQuiet = () -> response.accept(TaskManagementResponse.FUNCTION_COMPLETE);
                return;
            }
            writes.removeAll(victims);
            victims.forEach(ScsiTask::endUnanswered);
            response.accept(TaskManagementResponse.FUNCTION_COMPLETE);
        }

        @Override
        public void close(Runnable quiet) {
            nexuses.remove(this);
            if (keepWritesOnClose && !writes.isEmpty()) {
                lingering.add(this);
                whenQuiet = quiet;
                return;
            }
            List<ScsiTask> victims = new ArrayList<>(writes);
            writes.clear();
            victims.forEach(ScsiTask::endUnanswered);
            quiet.run();
        }

        private void read(ScsiTask task) {
            long offset = offset(task);
            if (offset + task.dataInWanted() > content.length) {
                end(task, ScsiStatus.CHECK_CONDITION, LBA_OUT_OF_RANGE.clone());
                return;
            }
            int bytes = (int) Math.min(task.dataInWanted(), task.dataInRoom());
            ByteBuffer room = task.allocateDataIn(bytes);
            if (room == null) {
                end(task, ScsiStatus.TASK_SET_FULL, null);
                return;
            }
            synchronized (content) {
                room.put(content, (int) offset, bytes);
            }
            task.dataIn(room.flip());
            end(task, ScsiStatus.GOOD, null);
        }

        private void write(ScsiTask task) {
            if (offset(task) + task.dataOutWanted() > content.length) {
                end(task, ScsiStatus.CHECK_CONDITION, LBA_OUT_OF_RANGE.clone());
            } else {
                writes.add(task);
            }
        }

        private void store(ScsiTask task) {
            ByteBuffer data = task.dataOut();
            if (data != null) {
                synchronized (content) {
                    data.duplicate().get(content, (int) offset(task), data.remaining());
                }
            }
        }

        private void answer(ScsiTask task, byte[] answer) {
            task.wanted(0, Math.min(task.dataInWanted(), answer.length));
            task.dataIn(ByteBuffer.wrap(answer, 0, (int) task.dataInWanted()));
            end(task, ScsiStatus.GOOD, null);
        }

        private void end(ScsiTask task, ScsiStatus status, byte @Nullable [] sense) {
            if (completeElsewhere) {
                Thread other = new Thread(() -> task.end(status, sense), "elsewhere");
                other.start();
            } else {
                task.end(status, sense);
            }
        }

        private byte[] capacity10() {
            return ByteBuffer.allocate(8)
                    .putInt((content.length / BLOCK_BYTES) - 1)
                    .putInt(BLOCK_BYTES)
                    .array();
        }

        private byte[] capacity16() {
            return ByteBuffer.allocate(32)
                    .putLong((content.length / BLOCK_BYTES) - 1)
                    .putInt(BLOCK_BYTES)
                    .array();
        }
    }

    private static byte[] inquiry(ScsiTask task) {
        if ((task.cdb()[1] & 1) != 0) {
            return vitalProductData(task.cdb()[2] & 0xff);
        }
        byte[] standard = new byte[96];
        standard[2] = 6;
        standard[3] = 2;
        standard[4] = 91;
        standard[7] = 2;
        byte[] names = "SLUICE  RAM DISK        0001".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(names, 0, standard, 8, names.length);
        return standard;
    }

    private static byte[] vitalProductData(int page) {
        byte[] serial = "0123456789".getBytes(StandardCharsets.US_ASCII);
        byte[] body = switch (page) {
            case 0x00 -> new byte[] {0x00, (byte) 0x80};
            case 0x80 -> serial;
            default -> new byte[60];
        };
        return ByteBuffer.allocate(4 + body.length)
                .put((byte) 0)
                .put((byte) page)
                .putShort((short) body.length)
                .put(body)
                .array();
    }

    private static long offset(ScsiTask task) {
        ByteBuffer cdb = ByteBuffer.wrap(task.cdb());
        long block = isSixteen(task) ? cdb.getLong(2) : cdb.getInt(2) & 0xffff_ffffL;
        return block * BLOCK_BYTES;
    }

    private static long transferBytes(ScsiTask task) {
        ByteBuffer cdb = ByteBuffer.wrap(task.cdb());
        long blocks = isSixteen(task) ? cdb.getInt(10) & 0xffff_ffffL : cdb.getShort(7) & 0xffff;
        return blocks * BLOCK_BYTES;
    }

    private static boolean isSixteen(ScsiTask task) {
        return (task.cdb()[0] & 0x80) != 0;
    }
}
