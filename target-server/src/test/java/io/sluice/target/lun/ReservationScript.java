package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.ReservationState;
import io.sluice.target.scsi.ReservationStore;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TaskAttribute;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PERSISTENT RESERVE IN and OUT in tests. */
final class ReservationScript {
    static final int REGISTER = 0;
    static final int RESERVE = 1;
    static final int RELEASE = 2;
    static final int CLEAR = 3;
    static final int PREEMPT = 4;
    static final int PREEMPT_AND_ABORT = 5;
    static final int REGISTER_AND_IGNORE = 6;
    static final int REGISTER_AND_MOVE = 7;

    static final int APTPL = 0x01;
    static final int ALL_TG_PT = 0x04;
    static final int SPEC_I_PT = 0x08;

    private ReservationScript() {}

    /** Keeps states in memory; when slow, saves end when the test says so. */
    static final class MemoryStore implements ReservationStore {
        private final Deque<IoCompletion> pending = new ArrayDeque<>();
        private ReservationState kept = ReservationState.NONE;
        private boolean slow;
        private int saves;

        @Override
        public boolean isDurable() {
            return true;
        }

        @Override
        public ReservationState load() {
            return kept;
        }

        @Override
        public void save(ReservationState state, IoCompletion done) {
            assertTrue(pending.isEmpty(), "one save at a time");
            saves++;
            pending.add(failure -> {
                kept = failure == null ? state : kept;
                done.complete(failure);
            });
            if (!slow) {
                end(null);
            }
        }

        void slow(boolean value) {
            slow = value;
        }

        /** Ends the save that is under way. */
        void end(@Nullable IoFailure failure) {
            pending.remove().complete(failure);
        }

        ReservationState kept() {
            return kept;
        }

        int saves() {
            return saves;
        }
    }

    /** A target with ports in the groups 1 and 2, and LUN 0. */
    static TargetDevice target(RamVolume volume, ReservationStore store, LogicalUnitSettings settings) {
        TargetDevice device = new TargetDevice("iqn.2026-11.io.sluice:pr", List.of(1, 2));
        device.addLogicalUnit(
                0,
                new LogicalUnit(
                        volume,
                        LogicalUnitIdentity.ofVolume(volume.description().id(), "0001"),
                        settings,
                        store));
        return device;
    }

    static TargetDevice target(RamVolume volume, ReservationStore store) {
        return target(volume, store, LogicalUnitSettings.DEFAULT);
    }

    static CdbScript.Answer out(CdbScript from, int action, int type, long key, long newKey) {
        return out(from, action, type, key, newKey, 0);
    }

    static CdbScript.Answer out(CdbScript from, int action, int type, long key, long newKey, int flags) {
        return from.write(list(key, newKey, flags), "5F %02x %02x 0000 00000018 00", action, type);
    }

    /** With the TransportIDs of SPEC_I_PT. */
    static CdbScript.Answer outWithPorts(CdbScript from, int action, long key, long newKey, int flags, byte[] ids) {
        byte[] list = java.util.Arrays.copyOf(list(key, newKey, flags | SPEC_I_PT), 28 + ids.length);
        CdbField.putU32(list, 24, ids.length);
        System.arraycopy(ids, 0, list, 28, ids.length);
        return from.write(list, "5F %02x 00 0000 %08x 00", action, list.length);
    }

    static CdbScript.Answer move(CdbScript from, long key, long newKey, int flags, int port, byte[] id) {
        byte[] list = java.util.Arrays.copyOf(
                CdbScript.cdb("%016x%016x 00 %02x %04x %08x", key, newKey, flags, port, id.length), 24 + id.length);
        System.arraycopy(id, 0, list, 24, id.length);
        return from.write(list, "5F 07 00 0000 %08x 00", list.length);
    }

    /** Leaves it under way when its save is. */
    static CdbScript.Answer start(CdbScript from, int action, int type, long key, long newKey, int flags) {
        byte[] cdb = CdbScript.cdb("5F %02x %02x 0000 00000018 00", action, type);
        return from.start(cdb, list(key, newKey, flags), 0, TaskAttribute.SIMPLE);
    }

    private static byte[] list(long key, long newKey, int flags) {
        return CdbScript.cdb("%016x%016x 00000000 %02x 000000", key, newKey, flags);
    }

    static String in(CdbScript from, int action) {
        return from.send("5E %02x 0000000000 FFFF 00", action).good().hex();
    }

    /** PRGENERATION. */
    static int generation(CdbScript from) {
        return Integer.parseInt(in(from, 0).substring(0, 8), 16);
    }

    static CdbScript.Answer read(CdbScript from) {
        return from.send("28 00 00000000 00 0001 00");
    }

    static CdbScript.Answer write(CdbScript from) {
        return from.write(new byte[512], "2A 00 00000000 00 0001 00");
    }

    /** Of the initiator port that {@link CdbScript} of this name is. */
    static byte[] transportId(String initiator) {
        return transportId(0x45, "iqn.2026-11.test:" + initiator + ",i,0x800000000001");
    }

    static byte[] transportId(int format, String name) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        byte[] id = new byte[4 + Math.max(20, (text.length + 4) / 4 * 4)];
        id[0] = (byte) format;
        CdbField.putU16(id, 2, id.length - 4);
        System.arraycopy(text, 0, id, 4, text.length);
        return id;
    }
}
