package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.recovery.RecoveryReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an opening says of what is in the bucket and what is lost. */
final class OpeningReportTest {
    private static final int BLOCK = 4096;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain().maxAge(Duration.ofHours(1));

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 77, SETTINGS);
    private long drainedSequence;
    private long drainedMillis;

    @BeforeEach
    void somethingIsInTheBucketAndSomethingIsNot() {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        gateway.runtime().runFor(Duration.ofSeconds(5));
        gateway.port().fill(0, BLOCK, 1);
        drainedMillis = gateway.runtime().clock().wallTime().toEpochMilli();
        drainedSequence = gateway.runtime().await(gateway.opened().volume().drain());
        gateway.runtime().runFor(Duration.ofSeconds(3));
    }

    private void saysWhereTheBucketEnds() {
        RecoveryReport report = gateway.opened().report();
        assertEquals(drainedSequence, report.bucketSequence());
        assertEquals(drainedMillis, report.bucketTimeMillis());
        assertEquals(drainedSequence, report.recoveredSequence());
        assertFalse(report.knowsOfLostWrites());
    }

    @Test
    void saysWhereTheBucketEndsWhenTheLocalDiskIsLost() {
        gateway.port().fill(BLOCK, BLOCK, 2);
        gateway.loseDisk();
        gateway.open();
        saysWhereTheBucketEnds();
    }

    @Test
    void saysItAlsoWhenACheckpointCoversEverything() {
        gateway.runtime().runFor(Duration.ofSeconds(60));
        gateway.loseDisk();
        gateway.open();
        assertEquals(0, gateway.opened().report().segmentsReplayed());
        saysWhereTheBucketEnds();
    }

    /** Some servers list what is still being uploaded, under the name it will have and something behind it. */
    @Test
    void whatIsCalledLikeASegmentAndSomethingMoreIsNobodysAndStays() {
        List<String> foreign = List.of(
                "sim/segment/0000000000000001-9f3c", "sim/segment/zzz", "sim/checkpoint/zzz", "sim/manifest/zzz");
        foreign.forEach(key -> gateway.runtime()
                .await(bucket.put(key, ByteBuffer.allocate(4096), PutCondition.IF_ABSENT, RequestCause.FLUSH)));
        gateway.port().fill(BLOCK, BLOCK, 2);
        drainedMillis = gateway.runtime().clock().wallTime().toEpochMilli();
        drainedSequence = gateway.runtime().await(gateway.opened().volume().drain());
        gateway.loseDisk();
        gateway.open();
        saysWhereTheBucketEnds();
        gateway.runtime().runFor(Duration.ofHours(1));
        assertNull(gateway.opened().volume().stopReason());
        assertTrue(bucket.keys().containsAll(foreign), bucket.keys().toString());
    }

    /** The fence of the opening before has a number far behind the last write. */
    @Test
    void saysItAgainWhenTheOpeningThatFoundItWasCutShort() {
        gateway.port().fill(BLOCK, BLOCK, 2);
        gateway.loseDisk();
        gateway.open();
        gateway.loseDisk();
        gateway.open();
        saysWhereTheBucketEnds();
    }

    @Test
    void aReplayedJournalGoesFurther() throws IOException {
        gateway.port().fill(BLOCK, BLOCK, 2);
        long acknowledged = gateway.opened().volume().status().lastAcknowledgedSequence();
        gateway.crashProcess();
        gateway.open();
        RecoveryReport report = gateway.opened().report();
        assertEquals(drainedSequence, report.bucketSequence());
        assertEquals(drainedMillis, report.bucketTimeMillis());
        assertEquals(acknowledged, report.recoveredSequence());
        assertFalse(report.knowsOfLostWrites());
    }

    /** Three segments were under way, the first never arrives: the others prove how far writes had been acknowledged. */
    @Test
    void segmentsBehindAHoleTellOfLostWrites() {
        for (int i = 0; i < 3; i++) {
            gateway.port().fill((long) i << 18, 64 << 10, 3 + i);
        }
        List<String> before = segments();
        long acknowledged = gateway.opened().volume().status().lastAcknowledgedSequence();
        CompletableFuture<Long> drain = gateway.opened().volume().drain();
        while (segments().size() < before.size() + 3 && !drain.isDone()) {
            gateway.runtime().step();
        }
        gateway.loseDisk();
        bucket.remove(segments().get(before.size()));
        gateway.open();
        RecoveryReport report = gateway.opened().report();
        assertEquals(drainedSequence, report.bucketSequence());
        assertEquals(drainedSequence, report.recoveredSequence());
        assertTrue(report.knowsOfLostWrites());
        assertEquals(acknowledged, report.newerSequence());
        assertEquals(drainedMillis + 3000, report.newerTimeMillis());
    }

    private List<String> segments() {
        return bucket.keys().stream().filter(key -> key.contains("/segment/")).toList();
    }
}
