package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.scrub.ScrubControl;
import io.sluice.storage.scrub.ScrubFinding;
import io.sluice.storage.scrub.ScrubOptions;
import io.sluice.storage.scrub.ScrubProgress;
import io.sluice.storage.scrub.ScrubReport;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scrubbing an open volume: what it reads, what it finds, what it says of it, and that it can be stopped. */
@SuppressForbidden("seeded generators")
final class OnlineScrubTest {
    private static final int BLOCK = 4096;
    private static final int SEGMENT_BLOCKS = 128;
    private static final int SEGMENTS = 4;
    private static final ScrubOptions QUICK = ScrubOptions.ONLINE.bandwidth(OptionalLong.empty());
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .segmentSize(ByteSize.ofKiB(512))
            .maxAge(Duration.ofHours(1))
            .readCache(ByteSize.ofKiB(1024), ByteSize.ofKiB(0));

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway =
            new SimulatedGateway(bucket, 17, SETTINGS.encrypted(SimulatedSettings.PASSPHRASE));

    /** Four segments of four frames each and a checkpoint, closed and opened again without the cache. */
    private void openVolume() {
        writeVolume();
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        gateway.open();
    }

    private void writeVolume() {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        byte[] data = new byte[SEGMENT_BLOCKS * BLOCK];
        for (int i = 0; i < SEGMENTS; i++) {
            new Random(i).nextBytes(data);
            gateway.port().write((long) i * SEGMENT_BLOCKS * BLOCK, data);
            gateway.drain();
        }
    }

    private ScrubControl scrub() {
        return gateway.opened().scrub();
    }

    private ScrubReport scrubAll() {
        assertTrue(scrub().start(QUICK));
        return gateway.runtime().await(scrub().outcome());
    }

    private int size(String key) {
        return Objects.requireNonNull(bucket.bytes(key)).length;
    }

    private List<String> keys(String kind) {
        return bucket.keys().stream()
                .filter(key -> key.contains("/" + kind + "/"))
                .toList();
    }

    private List<String> fullSegments() {
        return keys("segment").stream().filter(key -> size(key) > BLOCK).toList();
    }

    /** Blocks that a host cannot read. */
    private Set<Long> unreadable() {
        Set<Long> blocks = new TreeSet<>();
        for (long block = 0; block < (long) SEGMENTS * SEGMENT_BLOCKS; block++) {
            if (gateway.port()
                    .tryRead(block * BLOCK, BLOCK)
                    .filter(failure -> failure.kind() == IoFailure.Kind.UNREADABLE)
                    .isPresent()) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    private static Set<Long> blocks(ScrubFinding finding) {
        Set<Long> blocks = new TreeSet<>();
        for (ScrubFinding.BlockRange range : finding.affected()) {
            for (long i = 0; i < range.blocks(); i++) {
                blocks.add(range.lba() + i);
            }
        }
        return blocks;
    }

    private Map<String, Integer> wholeReads() {
        Map<String, Integer> reads = new HashMap<>();
        gateway.requests().requests().stream()
                .filter(request -> request.operation() == ObjectOperation.GET && request.cause() == RequestCause.SCRUB)
                .forEach(request -> reads.merge(request.subject(), 1, Integer::sum));
        return reads;
    }

    @Test
    void everyObjectOfACleanVolumeIsReadOnce() {
        openVolume();
        gateway.requests().forget();
        ScrubReport report = scrubAll();
        assertTrue(report.isClean(), report.toString());
        Map<String, Integer> expected = new HashMap<>();
        bucket.keys().stream().filter(key -> !key.contains("/probe/")).forEach(key -> expected.put(key, 1));
        assertEquals(expected, wholeReads());
        assertEquals(bucket.sizeBytes(), report.bytes());
        assertEquals(keys("segment").size(), report.segments());
        assertEquals(keys("manifest").size(), report.manifests());
        assertEquals(keys("checkpoint").size(), report.checkpoints());
        assertEquals(1, report.identityCopies());
        assertEquals(ScrubProgress.State.DONE, scrub().progress().state());
        assertEquals(100, scrub().progress().percent());
        assertEquals(0, gateway.requests().count(request -> request.operation().isMutating()));
    }

    /** A bit anywhere in any object: header, frames, padding, footer, pages, manifests. */
    @Test
    void aFlippedBitAnywhereIsFound() {
        openVolume();
        Random random = new Random(5);
        List<String> keys = new ArrayList<>(keys("checkpoint"));
        keys.addAll(keys("identity"));
        keys.addAll(keys("manifest"));
        keys.addAll(keys("segment"));
        for (String key : keys) {
            int size = size(key);
            List<Integer> offsets = new ArrayList<>(List.of(0, size - 1, size - 20));
            for (int i = 0; i < 12; i++) {
                offsets.add(random.nextInt(size));
            }
            for (int offset : offsets) {
                int mask = 1 << random.nextInt(8);
                bucket.corrupt(key, offset, mask);
                ScrubReport report = scrubAll();
                assertEquals(
                        List.of(key),
                        report.findings().stream()
                                .map(finding -> finding.damage().object())
                                .toList(),
                        key + " at " + offset);
                bucket.corrupt(key, offset, mask);
            }
        }
        assertTrue(scrubAll().isClean());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void theBlocksItNamesAreThoseThatHostsCannotRead(int what) {
        openVolume();
        gateway.port().copy(0, 3 << 20, BLOCK * 5); // some of the first segment's slots stand for other blocks, too
        gateway.drain();
        String key = fullSegments().get(1);
        switch (what) {
            case 0 -> bucket.corrupt(key, size(key) / 2 + BLOCK, 4);
            case 1 -> bucket.truncate(key, size(key) / 2 + BLOCK);
            case 2 -> bucket.remove(key);
            default ->
                bucket.corrupt(key, 100, 4); // the header; its frames can still be read by who knows where they are
        }
        ScrubReport report = scrubAll();
        assertEquals(1, report.findings().size());
        ScrubFinding finding = report.findings().get(0);
        assertEquals(key, finding.damage().object());
        assertEquals(what == 2, finding.damage().missing());
        Set<Long> unreadable = unreadable();
        if (what == 3) {
            assertEquals(Set.of(), unreadable);
            assertEquals(SEGMENT_BLOCKS, finding.affectedBlocks(), "what stands in it, as a whole");
        } else {
            assertFalse(unreadable.isEmpty());
            assertEquals(unreadable, blocks(finding));
        }
        assertEquals(0, finding.framesCached());
    }

    @Test
    void blocksThatWereCopiedAreNamedAtBothPlaces() {
        openVolume();
        gateway.port().copy(0, 3 << 20, BLOCK * 5);
        gateway.drain();
        String key = fullSegments().get(0);
        bucket.remove(key);
        Set<Long> expected = new TreeSet<>();
        for (long i = 0; i < SEGMENT_BLOCKS; i++) {
            expected.add(i);
        }
        for (long i = 0; i < 5; i++) {
            expected.add((3L << 20) / BLOCK + i);
        }
        assertEquals(expected, blocks(scrubAll().findings().get(0)));
    }

    @Test
    void aDamagedPageNamesThePartOfTheVolumeThatCannotBeLookedUp() {
        openVolume();
        String key = keys("checkpoint").get(0);
        for (int at = 40 + 64; at < size(key); at += 64) {
            bucket.corrupt(key, at, 1);
        }
        ScrubReport report = scrubAll();
        assertTrue(
                report.findings().stream()
                        .anyMatch(finding -> finding.damage().object().equals(key)),
                report.toString());
        assertFalse(report.notes().isEmpty(), "the root itself is gone: " + report);
    }

    @Test
    void framesThatTheCacheStillHasAreTold() {
        writeVolume();
        gateway.runtime().runFor(Duration.ofSeconds(1));
        String key = fullSegments().get(3);
        bucket.corrupt(key, size(key) / 2, 4);
        ScrubFinding finding = scrubAll().findings().get(0);
        assertEquals(1, finding.framesAffected());
        assertEquals(1, finding.framesCached(), "written a moment ago");
        for (long block : blocks(finding)) {
            assertTrue(gateway.port().tryRead(block * BLOCK, BLOCK).isEmpty(), "hosts read it from there: " + block);
        }
    }

    @Test
    void stoppedItGoesOnWhereItWasAndLeavesNothingOut() throws IOException {
        openVolume();
        Set<String> all = new TreeSet<>(bucket.keys());
        List<String> segments = fullSegments();
        bucket.corrupt(segments.get(0), size(segments.get(0)) / 2, 1);
        bucket.corrupt(segments.get(3), size(segments.get(3)) / 2, 1);
        for (boolean restart : new boolean[] {false, true}) {
            gateway.requests().forget();
            gateway.beforeRequest(
                    request -> request.operation() == ObjectOperation.GET
                            && request.subject().equals(segments.get(1)),
                    () -> scrub().stop());
            assertTrue(scrub().start(QUICK));
            while (!scrub().outcome().isDone()) {
                gateway.runtime().step();
            }
            assertEquals(ScrubProgress.State.STOPPED, scrub().progress().state());
            assertTrue(scrub().report().isEmpty());
            Map<String, Integer> before = wholeReads();
            if (restart) {
                gateway.crashProcess();
                gateway.open();
                all.addAll(keys("manifest"));
                all.addAll(keys("segment"));
            }
            gateway.requests().forget();
            ScrubReport report = scrubAll();
            assertTrue(report.resumed());
            assertEquals(
                    List.of(segments.get(0), segments.get(3)),
                    report.findings().stream()
                            .map(finding -> finding.damage().object())
                            .toList());
            Map<String, Integer> after = wholeReads();
            Set<String> read = new TreeSet<>(before.keySet());
            read.addAll(after.keySet());
            if (!restart) {
                assertEquals(all, read);
            }
            assertTrue(read.containsAll(segments));
            assertFalse(after.containsKey(segments.get(0)), "what was done is not read again");
            assertTrue(after.containsKey(segments.get(2)) && after.containsKey(segments.get(3)));
        }
        gateway.requests().forget();
        ScrubReport anew = scrubAll();
        assertFalse(anew.resumed(), "a pass that came to its end leaves no state behind");
        assertTrue(wholeReads().containsKey(segments.get(0)));
    }

    @Test
    void afterAKillItGoesOnWhereItsStateWasKept() throws IOException {
        openVolume();
        List<String> segments = fullSegments();
        ScrubOptions slow = ScrubOptions.ONLINE.bandwidth(OptionalLong.of(32 << 10)); // a segment takes 16 s
        assertTrue(scrub().start(slow));
        gateway.runtime().runFor(Duration.ofSeconds(45));
        assertEquals(ScrubProgress.State.RUNNING, scrub().progress().state());
        assertFalse(scrub().start(slow), "one at a time");
        assertTrue(wholeReads().containsKey(segments.get(1)));
        assertFalse(wholeReads().containsKey(segments.get(3)));
        gateway.crashProcess();
        gateway.open();
        gateway.requests().forget();
        ScrubReport report = scrubAll();
        assertTrue(report.resumed());
        assertFalse(wholeReads().containsKey(segments.get(0)));
        assertTrue(wholeReads().containsKey(segments.get(3)));
        assertTrue(report.segments() >= segments.size());
    }

    @Test
    void itReadsNoFasterThanItMay() {
        openVolume();
        long total = bucket.sizeBytes();
        long startNanos = gateway.runtime().clock().monotonicNanos();
        assertTrue(scrub().start(ScrubOptions.ONLINE.bandwidth(OptionalLong.of(64 << 10))));
        gateway.runtime().await(scrub().outcome());
        double seconds = (gateway.runtime().clock().monotonicNanos() - startNanos) / 1e9;
        double atLeast = (total - (1 << 20)) / 65536.0;
        assertTrue(seconds > atLeast, seconds + " s for " + total + " bytes");
    }

    @Test
    void anOutageIsWaitedForAndIsNoDamage() {
        openVolume();
        gateway.beforeRequest(
                request -> request.operation() == ObjectOperation.GET
                        && request.subject().equals(fullSegments().get(1)),
                () -> gateway.faults().setOutage(true));
        assertTrue(scrub().start(QUICK));
        gateway.runtime().runFor(Duration.ofHours(1));
        assertEquals(ScrubProgress.State.RUNNING, scrub().progress().state());
        assertTrue(
                scrub().progress().message().contains("waiting for the store"),
                scrub().progress().toString());
        gateway.faults().setOutage(false);
        ScrubReport report = gateway.runtime().await(scrub().outcome());
        assertTrue(report.isClean(), report.toString());
    }

    @Test
    void whatTheGatewayDeletesMeanwhileIsNoDamage() {
        openVolume();
        assertTrue(scrub().start(ScrubOptions.ONLINE.bandwidth(OptionalLong.of(8 << 10))));
        gateway.runtime().runFor(Duration.ofSeconds(20));
        String doomed = fullSegments().get(3);
        assertFalse(wholeReads().containsKey(doomed));
        gateway.port().unmap(3L * SEGMENT_BLOCKS * BLOCK, (long) SEGMENT_BLOCKS * BLOCK);
        gateway.drain();
        for (int i = 0; i < 3; i++) {
            gateway.runtime().runFor(Duration.ofSeconds(15));
            gateway.port().fill(0, BLOCK, i + 1);
            gateway.drain();
        }
        gateway.runtime().runFor(Duration.ofSeconds(15));
        assertFalse(bucket.keys().contains(doomed));
        ScrubReport report = gateway.runtime().await(scrub().outcome());
        assertTrue(report.isClean(), report.toString());
    }

    @Test
    void closingTheVolumeEndsItAndTheNextOpeningGoesOn() throws IOException {
        openVolume();
        assertTrue(scrub().start(ScrubOptions.ONLINE.bandwidth(OptionalLong.of(32 << 10))));
        gateway.runtime().runFor(Duration.ofSeconds(30));
        ScrubControl ended = scrub();
        gateway.close();
        assertEquals(ScrubProgress.State.STOPPED, ended.progress().state());
        assertFalse(ended.start(QUICK));
        gateway.reopenDisk();
        gateway.open();
        ScrubReport report = scrubAll();
        assertTrue(report.resumed());
        assertTrue(report.isClean());
    }

    @Test
    void aDamageOfWhatIsNotInUseAnyMoreIsNotReported() {
        openVolume();
        List<String> before = fullSegments();
        for (int i = 0; i < SEGMENTS; i++) {
            gateway.port().fill((long) i * SEGMENT_BLOCKS * BLOCK, SEGMENT_BLOCKS * BLOCK, i + 1);
        }
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(15));
        List<String> dead = before.stream().filter(bucket.keys()::contains).toList();
        assertFalse(dead.isEmpty(), "deleted only after the next checkpoint");
        dead.forEach(key -> bucket.corrupt(key, size(key) / 2, 1));
        ScrubReport report = scrubAll();
        assertTrue(report.isClean(), report.toString());
        assertTrue(report.unreferenced() >= dead.size(), report.toString());
    }
}
