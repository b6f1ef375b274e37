package io.sluice.target.fuzz;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.DeviceServer;
import io.sluice.target.scsi.LunField;
import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.NexusTransport;
import io.sluice.target.scsi.ReservationClass;
import io.sluice.target.scsi.ScsiTarget;
import io.sluice.target.scsi.ScsiTask;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The target that is attacked. What attackers are allowed to destroy is bent away from what the witnesses own, behind the
 * whole transport, so that a stream may get out of step and still everything that a witness sees is the server's fault:
 *
 * <ul>
 *   <li>LUN {@link #WITNESS_LUN} becomes {@link #FREE_LUN}, for commands and task management.
 *   <li>At {@link #SHARED_LUN} writes reach the first {@link #ATTACKED_BLOCKS} blocks only.
 *   <li>Resets of the target reset the shared LUN; the sessions are still dropped by a cold reset, which is counted.
 * </ul>
 */
final class GuardedTarget implements ScsiTarget {
    /** Attackers here, and a witness above {@link #ATTACKED_BLOCKS}. */
    static final int SHARED_LUN = 0;

    /** A witness alone. */
    static final int WITNESS_LUN = 1;

    /** Attackers alone. */
    static final int FREE_LUN = 2;

    /** What attackers may write of the shared LUN. */
    static final int ATTACKED_BLOCKS = 8192;

    /** Names of witnesses begin with this. */
    static final String WITNESS = "iqn.2026-11.io.sluice.witness:";

    private static final int MASK = (ATTACKED_BLOCKS / 2) - 1;
    private static final int UNMAP = 0x42;
    private static final Set<Integer> WRITE_SAME = Set.of(0x41, 0x93);
    private static final Set<Integer> WRITES =
            Set.of(0x0a, 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e, 0x89, 0x8b, 0x41, 0x93, UNMAP);
    private static final Set<Integer> HARMLESS = Set.of(0x15, 0x55, 0x1b, 0x1d, 0x34, 0x90, 0x35, 0x91);

    private final TargetDevice target;
    private final AtomicInteger coldResets = new AtomicInteger();

    GuardedTarget(TargetDevice target) {
        this.target = target;
    }

    /** Sessions of witnesses at this target may end so often. */
    int coldResets() {
        return coldResets.get();
    }

    @Override
    public String name() {
        return target.name();
    }

    @Override
    public Nexus open(NexusIdentity identity, NexusTransport transport) {
        Nexus nexus = target.open(identity, transport);
        return identity.initiatorName().startsWith(WITNESS) ? nexus : new GuardedNexus(nexus);
    }

    private void bend(ScsiTask task) {
        bendLun(task.lun());
        int opcode = task.cdb()[0] & 0xff;
        if (LunField.decode(task.lun()) == SHARED_LUN && isWrite(task, opcode)) {
            if (WRITES.contains(opcode)) {
                bendRange(task.cdb(), opcode);
            } else {
                LunField.encode(FREE_LUN, task.lun(), 0);
            }
        }
    }

    private static void bendLun(byte[] lun) {
        if (LunField.decode(lun) == WITNESS_LUN) {
            LunField.encode(FREE_LUN, lun, 0);
        }
    }

    private boolean isWrite(ScsiTask task, int opcode) {
        DeviceServer unit = target.unit(SHARED_LUN);
        CommandDescriptor row = unit == null ? null : unit.commands().find(task.cdb());
        boolean dataOut = row != null && row.reservationClass() != ReservationClass.PERSISTENT_RESERVATION;
        boolean changes = row != null && (row.reservationClass() == ReservationClass.WRITE || opcode == 0x83);
        return dataOut && changes && !HARMLESS.contains(opcode);
    }

    private static void bendRange(byte[] cdb, int opcode) {
        int group = opcode >>> 5;
        if (group == 0) {
            cdb[1] = (byte) (cdb[1] & 0xe0);
            CdbField.putU16(cdb, 2, CdbField.u16(cdb, 2) & MASK);
        } else if (opcode != UNMAP) {
            ByteBuffer fields = ByteBuffer.wrap(cdb);
            boolean sixteen = group == 4;
            int address = (sixteen ? (int) fields.getLong(2) : fields.getInt(2)) & MASK;
            if (sixteen) {
                fields.putLong(2, address);
            } else {
                fields.putInt(2, address);
            }
            bendLength(fields, opcode, sixteen, group == 5);
        }
    }

    private static void bendLength(ByteBuffer fields, int opcode, boolean sixteen, boolean twelve) {
        int least = WRITE_SAME.contains(opcode) ? 1 : 0;
        if (opcode == 0x89) {
            return;
        }
        if (sixteen) {
            fields.putInt(10, Math.max(least, fields.getInt(10) & MASK));
        } else if (twelve) {
            fields.putInt(6, fields.getInt(6) & MASK);
        } else {
            fields.putShort(7, (short) Math.max(least, fields.getShort(7) & MASK));
        }
    }

    /** The ranges of UNMAP are in its data. */
    private static void bendDescriptors(ScsiTask task) {
        ByteBuffer data = task.dataOut();
        boolean bends = LunField.decode(task.lun()) == SHARED_LUN && (task.cdb()[0] & 0xff) == UNMAP;
        if (data != null && bends && !data.isReadOnly()) {
            for (int at = data.position() + 8; at + 16 <= data.limit(); at += 16) {
                data.putLong(at, data.getLong(at) & MASK);
                data.putInt(at + 8, data.getInt(at + 8) & MASK);
            }
        }
    }

    /** An attacker's nexus. */
    private final class GuardedNexus implements Nexus {
        private final Nexus nexus;

        GuardedNexus(Nexus nexus) {
            this.nexus = nexus;
        }

        @Override
        public void plan(ScsiTask task) {
            bend(task);
            nexus.plan(task);
        }

        @Override
        public void execute(ScsiTask task) {
            bendDescriptors(task);
            nexus.execute(task);
        }

        @Override
        public void submit() {
            nexus.submit();
        }

        @Override
        public void manage(
                TaskManagementFunction function,
                byte[] lun,
                @Nullable ScsiTask task,
                Consumer<TaskManagementResponse> response) {
            bendLun(lun);
            boolean cold = function == TaskManagementFunction.TARGET_COLD_RESET;
            if (cold) {
                coldResets.incrementAndGet();
            }
            if (cold || function == TaskManagementFunction.TARGET_WARM_RESET) {
                nexus.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, new byte[Long.BYTES], task, response);
            } else {
                nexus.manage(function, lun, task, response);
            }
        }

        @Override
        public void close(Runnable quiet) {
            nexus.close(quiet);
        }
    }
}
