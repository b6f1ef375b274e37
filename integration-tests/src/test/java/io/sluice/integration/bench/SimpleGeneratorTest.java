package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class SimpleGeneratorTest {
    @Test
    void qemuImgTellsHowLongItTook() {
        LoadResult result =
                SimpleGenerator.QEMU_IMG.parse("Sending 40000 read requests\nRun completed in 4.000 seconds.\n", 2);
        assertEquals(10_000, result.iops());
        assertEquals(40_000 * 4096L, result.bytes());
        assertEquals(Double.NaN, result.latency().micros(0.5));
    }

    @Test
    void theLastAverageOfIscsiPerfCounts() {
        String words =
                "\r00:00:01 - lba 913398, iops current 25639 (100 MB/s), iops average 25639 (100 MB/s), in_flight 32, busy 0  "
                        + "\riops average 25267 (98 MB/s)                     \n\nfinished.\n";
        assertEquals(25_267, SimpleGenerator.ISCSI_PERF.parse(words, 2).iops());
    }

    @Test
    void commandsSayWhatTheLoadIs() {
        Load writes = Load.of("write", "4k", 32);
        assertEquals(
                "qemu-img bench -f raw -t none -c 60000 -d 32 -s 4096 -w iscsi://x",
                String.join(" ", SimpleGenerator.QEMU_IMG.command(writes, "iscsi://x", 3)));
        Load reads = Load.of("read", "4k", 8);
        assertEquals(
                "qemu-img bench -f raw -t none -c 60000 -d 8 -s 4096 iscsi://x",
                String.join(" ", SimpleGenerator.QEMU_IMG.command(reads, "iscsi://x", 3)));
        assertEquals(
                "iscsi-perf -m 8 -b 8 -t 3 -r iscsi://x",
                String.join(" ", SimpleGenerator.ISCSI_PERF.command(reads, "iscsi://x", 3)));
    }

    @Test
    void withoutAFigureThereIsNoResult() {
        assertThrows(IllegalArgumentException.class, () -> SimpleGenerator.QEMU_IMG.parse("Could not open", 2));
        assertThrows(
                IllegalArgumentException.class,
                () -> SimpleGenerator.ISCSI_PERF.command(Load.of("randwrite", "4k", 1), "iscsi://x", 1));
    }
}
