package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.storage.volume.MappedRun;
import io.sluice.storage.volume.MappingCompletion;
import io.sluice.storage.volume.VolumePort;
import io.sluice.target.scsi.SenseCode;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** A unit of 16 TiB: where 32 bits do not count its blocks. */
class LargeUnitTest {
    private static final long BYTES = 16L << 40;
    private static final long BLOCKS = BYTES / 512;

    private final CdbScript initiator = new TestUnit(new EmptyVolume(), LogicalUnitSettings.DEFAULT).initiator;

    /** Nothing is mapped; there is no I/O. */
    private static final class EmptyVolume extends RamVolume {
        EmptyVolume() {
            super(4096);
            grow(BYTES);
        }

        @Override
        public VolumePort openPort(Executor loop) {
            return (VolumePort) Proxy.newProxyInstance(
                    VolumePort.class.getClassLoader(),
                    new Class<?>[] {VolumePort.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("mapping")) {
                            long offset = (long) arguments[0];
                            ((MappingCompletion) arguments[3])
                                    .complete(List.of(new MappedRun(offset, BYTES - offset, false)), null);
                        }
                        return null;
                    });
        }
    }

    @Test
    void capacityBeyond32BitsIsToldBy16() {
        assertEquals(
                "ffffffff00000200",
                initiator.send("25 00000000000000000000").good().hex());
        assertEquals(
                "%016x".formatted(BLOCKS - 1) + "00000200",
                initiator.send("9E 10 0000000000000000 0000000c 00 00").good().hex());
    }

    @Test
    void blockDescriptorOfModeSenseTellsTheMost() {
        assertEquals(
                "ffffffff00000200",
                initiator.send("1A 00 08 00 0c 00").good().hex().substring(8, 24));
        assertEquals(
                "%016x".formatted(BLOCKS) + "0000000000000200",
                initiator.send("5A 10 08 00 000000 0018 00").good().hex().substring(16, 48));
    }

    @Test
    void anExtentLongerThan32BitsTakesSeveralDescriptors() {
        StringBuilder extents = new StringBuilder();
        int count = 0;
        for (long block = 5; block < BLOCKS; block += 0xFFFFFFFFL) {
            extents.append("%016x%08x01000000".formatted(block, Math.min(BLOCKS - block, 0xFFFFFFFFL)));
            count++;
        }
        assertEquals(
                "%08x00000000".formatted((count * 16) + 4) + extents,
                initiator.send("9E 12 0000000000000005 00001000 00 00").good().hex());
    }

    @Test
    void rangesAreJudgedWith64Bits() {
        String read = "88 00 %016x %08x 00 00";
        initiator.send(read, BLOCKS, 0).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        initiator.send(read, BLOCKS - 1, 2).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        initiator.send(read, 0x8000000000000000L, 0).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        initiator.send(read, -1L, 1).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        initiator.send(read, BLOCKS - 1, 0).good();
    }
}
