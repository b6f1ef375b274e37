package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FioJobTest {
    private static final List<String> TWO_LUNS =
            List.of("iscsi://127.0.0.1:1/iqn.x:a/0", "iscsi://127.0.0.1:1/iqn.x:b/0");

    @Test
    void sessionsAreSpreadOverLuns() {
        List<String> lines = lines(Load.of("randread", "4k", 16).sessions(4), FioJob.Extent.timed(1 << 20, 5, 1));
        assertEquals(
                List.of(
                        "filename=iscsi\\://127.0.0.1\\:1/iqn.x\\:a/0",
                        "filename=iscsi\\://127.0.0.1\\:1/iqn.x\\:b/0",
                        "filename=iscsi\\://127.0.0.1\\:1/iqn.x\\:a/0",
                        "filename=iscsi\\://127.0.0.1\\:1/iqn.x\\:b/0"),
                starting(lines, "filename="));
        assertTrue(lines.contains("time_based=1") && lines.contains("runtime=5"), lines::toString);
    }

    @Test
    void onceMeansThatSessionsShareALun() {
        List<String> lines = lines(Load.of("write", "1m", 8).sessions(4), FioJob.Extent.once(1 << 20, 1));
        assertEquals(List.of("offset=0", "offset=0", "offset=524288", "offset=524288"), starting(lines, "offset="));
        assertEquals(
                List.of("io_size=524288"),
                starting(lines, "io_size=").stream().distinct().toList());
        assertTrue(!lines.contains("time_based=1"), lines::toString);
    }

    @Test
    void mixturesAndFlushesAreToldInFiosWords() {
        List<String> mixed =
                lines(Load.of("randrw", "4k/50:64k/50", 1).readPercent(70), FioJob.Extent.timed(1 << 20, 1, 1));
        assertTrue(mixed.containsAll(List.of("bssplit=4k/50:64k/50", "rwmixread=70")), mixed::toString);
        List<String> flushed = lines(Load.of("randwrite", "4k", 1).withFlushes(), FioJob.Extent.timed(1 << 20, 1, 1));
        assertTrue(flushed.containsAll(List.of("bs=4k", "fsync=1")), flushed::toString);
    }

    /** Of two writes of one block under way either may be the last, and a checksum would tell nothing. */
    @Test
    void whatIsVerifiedIsWrittenOnceAndReadBack() {
        Load load = Load.of("randwrite", "4k", 32);
        List<String> verified = lines(load, FioJob.Extent.once(1 << 20, 7).verifying());
        assertTrue(
                verified.containsAll(
                        List.of("norandommap=0", "verify=crc32c", "verify_fatal=1", "do_verify=1", "randseed=7")),
                verified::toString);
        List<String> measured = lines(load, FioJob.Extent.timed(1 << 20, 5, 7));
        assertEquals(List.of("norandommap=1"), starting(measured, "norandommap="));
        assertEquals(List.of(), starting(measured, "verify"));
    }

    @Test
    void aLoadThatWritesMoreThanTheLunHasGoesOverAllOfIt() {
        FioJob.Extent thrice = new FioJob.Extent(1 << 20, 0, 3 << 20, false, false, 1);
        List<String> lines = lines(Load.of("randwrite", "4k", 8).sessions(4), thrice);
        assertEquals(
                List.of("size=1048576"),
                starting(lines, "size=").stream().distinct().toList());
        assertEquals(
                List.of("offset=0"),
                starting(lines, "offset=").stream().distinct().toList());
        // Two sessions on each of two LUNs.
        assertEquals(
                List.of("io_size=1572864"),
                starting(lines, "io_size=").stream().distinct().toList());
        assertEquals(List.of(), starting(lines, "runtime="));
    }

    private static List<String> lines(Load load, FioJob.Extent extent) {
        return new FioJob(load, TWO_LUNS, extent, Path.of("series")).lines();
    }

    private static List<String> starting(List<String> lines, String prefix) {
        return lines.stream().filter(line -> line.startsWith(prefix)).toList();
    }
}
