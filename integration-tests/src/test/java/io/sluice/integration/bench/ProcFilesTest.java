package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProcFilesTest {
    private static final String STAT =
            "42 (a (strange) name) S 1 42 42 0 -1 4194304 100 200 0 0 150 50 700 300 20 0 9 0 1";

    @Test
    void timesStandBehindTheName() {
        assertEquals(2.0, ProcFiles.ticks(STAT, 11));
        assertEquals(10.0, ProcFiles.ticks(STAT, 13));
    }

    @Test
    void thePeakIsInKibibytes() {
        assertEquals(2048, ProcFiles.highWaterBytes("VmPeak:\t 9 kB\nVmHWM:\t       2 kB\nVmRSS:\t 1 kB\n"));
    }

    @Test
    void onlyMappingsOfTheFileAreAddedUp() {
        String mappings = """
                7f0000000000-7f0000100000 rw-s 00000000 fe:00 7      /cache/index/leaves
                Size:               1024 kB
                Rss:                  12 kB
                Pss:                  12 kB
                7f0000100000-7f0000200000 rw-p 00000000 00:00 0
                Rss:                1000 kB
                7f0000200000-7f0000300000 rw-s 00100000 fe:00 7      /cache/index/leaves
                Rss:                   4 kB
                """;
        assertEquals(16 << 10, ProcFiles.mappedResidentBytes(mappings, Path.of("/cache/index/leaves")));
        assertEquals(0, ProcFiles.mappedResidentBytes(mappings, Path.of("/leaves")));
    }

    @Test
    void listeningIsAStateOfThePort() {
        String row = "   0: 0100007F:83F1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0 0 1 1";
        assertTrue(ProcFiles.listens(row, 0x83F1));
        assertFalse(ProcFiles.listens(row, 0x83F2));
        assertFalse(ProcFiles.listens(row.replace(" 0A ", " 01 "), 0x83F1));
    }

    @Test
    void thisProcessHasUsedTimeAndMemory() throws IOException {
        List<Long> self = List.of(ProcessHandle.current().pid());
        assertTrue(ProcFiles.cpuSeconds(self) > 0);
        assertTrue(ProcFiles.peakBytes(self) > 1 << 20);
    }
}
