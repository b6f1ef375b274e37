package io.sluice.target.lun;

import io.sluice.target.scsi.TargetDevice;
import java.util.List;
import java.util.Random;

/** A target with one logical unit on a {@link RamVolume} as LUN 0, and an initiator that is ready to go. */
final class TestUnit {
    static final int BYTES = 4 << 20;

    final RamVolume volume;
    final LogicalUnit unit;
    final TargetDevice target;
    final CdbScript initiator;

    TestUnit(RamVolume volume, LogicalUnitSettings settings) {
        this.volume = volume;
        this.unit = new LogicalUnit(
                volume, LogicalUnitIdentity.ofVolume(volume.description().id(), "0001"), settings);
        this.target = new TargetDevice("iqn.2026-11.io.sluice:test", List.of(1));
        this.target.addLogicalUnit(0, unit);
        this.initiator = new CdbScript(target, "one").ready();
    }

    TestUnit() {
        this(new RamVolume(BYTES), LogicalUnitSettings.DEFAULT);
    }

    /** A second initiator. */
    CdbScript second() {
        return new CdbScript(target, "two").ready();
    }

    /** Bytes that are not zero, from a fixed seed. */
    static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        for (int i = 0; i < length; i++) {
            bytes[i] |= 1;
        }
        return bytes;
    }
}
