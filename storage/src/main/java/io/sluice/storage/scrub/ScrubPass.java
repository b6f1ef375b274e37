package io.sluice.storage.scrub;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestCodec;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.LimitedObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every object of a volume that is in use and checks every byte of it.
 *
 * <pre>
 *   counting ─▶ reading ─▶ judging ─▶ over (report)
 *      └───────────┴──────────┴──▶ ended (stopped, failed): the state file says where to go on
 * </pre>
 *
 * <ol>
 *   <li>Objects are read in the order of their keys, several at once; one counts as done when it and all before it are
 *       checked. So the state file's position leaves nothing out.
 *   <li>An object that is gone, or damaged, is a finding only when it is still in use at the end: a gateway deletes what it
 *       needs no longer while we read.
 *   <li>An outage of the store is never a finding: it is waited for, or ends the pass.
 *   <li>At most {@code requestsAtOnce} objects are in memory.
 * </ol>
 *
 * Confined to its lane, which may block; {@link #progress} and {@link #stop} on any thread.
 */
final class ScrubPass {
    private static final Logger log = LoggerFactory.getLogger(ScrubPass.class);
    private static final Duration OUTAGE_PAUSE = Duration.ofSeconds(20);
    private static final Duration HOSTS_PAUSE = Duration.ofMillis(20);
    private static final int HOSTS_PAUSES_MAX = 50;
    private static final long SAVE_BYTES = 256L << 20;
    private static final long SAVE_NANOS = Duration.ofSeconds(10).toNanos();

    private final ScrubParts parts;
    private final ScrubOptions options;
    private final boolean waitsForStore;
    private final EngineRuntime runtime;
    private final Lane lane;
    private final ObjectNames names;
    private final ObjectStore store;
    private final ScrubInventory inventory;
    private final SegmentExamination segments;
    private final ArrayDeque<Reading> readings = new ArrayDeque<>();
    private final List<ScrubDamage> damages = new ArrayList<>();
    private final CompletableFuture<ScrubReport> result = new CompletableFuture<>();
    private final long startedNanos;
    private ScrubInventory.@Nullable Inventory taken;
    private List<ScrubItem> items = List.of();
    private int next;
    private boolean pausing;
    private int hostsPauses;
    private ScrubState state = ScrubState.begun(new java.util.UUID(0, 0), 0);
    private long resumedBytes;
    private long bytesTotal;
    private long savedBytes;
    private long savedNanos;
    private boolean resumed;
    private volatile boolean stopAsked;
    private volatile ScrubProgress progress;

    /** An object under way. */
    private record Reading(ScrubItem item, CompletableFuture<ByteBuffer> bytes) {}

    /**
     * Does not begin yet.
     *
     * @param waitsForStore waits out an outage, however long; else it ends the pass
     */
    ScrubPass(ScrubParts parts, ScrubOptions options, boolean waitsForStore) {
        this.parts = parts;
        this.options = options;
        this.waitsForStore = waitsForStore;
        this.runtime = parts.runtime();
        this.lane = parts.lane();
        this.names = parts.names();
        this.store = new LimitedObjectStore(
                parts.store(), options.requestsAtOnce(), options.bytesPerSecond(), runtime.clock(), lane);
        this.inventory = new ScrubInventory(store, names, parts.subject());
        this.segments = new SegmentExamination(parts.subject().codec());
        this.startedNanos = runtime.clock().monotonicNanos();
        this.progress = new ScrubProgress(ScrubProgress.State.RUNNING, 0, 0, 0, 0, 0, false, nowMillis(), 0, -1, "");
    }

    /** Begins. Fails with {@link CancellationException} when it was stopped. */
    CompletableFuture<ScrubReport> run() {
        lane.execute(this::count);
        return result;
    }

    /** Ends it after the object under way. */
    void stop() {
        stopAsked = true;
        lane.execute(this::pump);
    }

    ScrubProgress progress() {
        return progress;
    }

    private long nowMillis() {
        return runtime.clock().wallTime().toEpochMilli();
    }

    private void count() {
        if (isOver()) {
            return;
        }
        Futures.then(inventory.take(), lane, (found, failure) -> {
            if (found != null) {
                begin(found);
            } else {
                failed(failure, this::count);
            }
        });
    }

    private void begin(ScrubInventory.Inventory found) {
        taken = found;
        Manifest manifest = found.state().manifest();
        state = ScrubState.begun(manifest.volume(), nowMillis());
        if (!options.fromStart()) {
            parts.file().load(manifest.volume()).ifPresent(earlier -> {
                state = earlier;
                resumed = true;
            });
        }
        damages.addAll(state.damages());
        items = found.items().stream()
                .filter(item -> item.key().compareTo(state.position()) > 0)
                .toList();
        resumedBytes = state.counts().bytes();
        bytesTotal = resumedBytes
                + items.stream()
                        .mapToLong(item -> Math.max(0, item.sizeBytes()))
                        .sum();
        savedNanos = runtime.clock().monotonicNanos();
        savedBytes = resumedBytes;
        tell("");
        pump();
    }

    /** Keeps requests under way, and takes what has arrived, in order. */
    private void pump() {
        if (isOver() || taken == null || pausing) {
            return;
        }
        while (!readings.isEmpty() && readings.element().bytes().isDone()) {
            if (!arrived(readings.element())) {
                return;
            }
        }
        if (stopAsked) {
            save();
            end(ScrubProgress.State.STOPPED, new CancellationException("the scrub was stopped"), "");
            return;
        }
        while (readings.size() < options.requestsAtOnce() && next < items.size()) {
            if (letHostsGoFirst()) {
                return;
            }
            ScrubItem item = items.get(next);
            next++;
            CompletableFuture<ByteBuffer> bytes =
                    item.isMissing() ? new CompletableFuture<>() : store.get(item.key(), RequestCause.SCRUB);
            if (item.isMissing()) {
                bytes.completeExceptionally(new ObjectStoreException(
                        ObjectStoreException.Kind.NOT_FOUND, item.key() + " is not listed", null));
            }
            readings.add(new Reading(item, bytes));
            Futures.then(bytes, lane, (done, failure) -> pump());
        }
        if (readings.isEmpty() && next == items.size()) {
            judge();
        }
    }

    private boolean letHostsGoFirst() {
        if (parts.subject().hostsWait() && hostsPauses < HOSTS_PAUSES_MAX) {
            hostsPauses++;
            pauseFor(HOSTS_PAUSE);
            return true;
        }
        hostsPauses = 0;
        return false;
    }

    private void pauseFor(Duration time) {
        pausing = true;
        lane.schedule(time, () -> {
            pausing = false;
            pump();
        });
    }

    /** Checks the oldest object; false when it has to be read again later. */
    private boolean arrived(Reading reading) {
        ScrubItem item = reading.item();
        if (reading.bytes().isCompletedExceptionally()) {
            Throwable failure = failureOf(reading.bytes());
            if (!ScrubInventory.isDamage(failure)) {
                failed(failure, () -> {
                    next -= readings.size();
                    readings.clear();
                    pump();
                });
                return false;
            }
            readings.remove();
            damages.add(ScrubDamage.missing(item.key()));
            done(item, 0);
            return true;
        }
        readings.remove();
        ByteBuffer bytes = reading.bytes().join();
        ScrubDamage damage = examine(item, bytes);
        if (damage != null) {
            log.error("volume {}: {} is damaged: {}", names.volumeName(), damage.object(), damage.what());
            damages.add(damage);
        }
        done(item, bytes.remaining());
        return true;
    }

    private static Throwable failureOf(CompletableFuture<?> failed) {
        Throwable[] found = new Throwable[1];
        var unused = failed.whenComplete((value, failure) -> found[0] = failure);
        return Failures.unwrap(found[0]);
    }

    private @Nullable ScrubDamage examine(ScrubItem item, ByteBuffer bytes) {
        return switch (item.kind()) {
            case MANIFEST, IDENTITY -> examineManifest(item, bytes);
            case CHECKPOINT -> {
                List<String> problems = parts.subject()
                        .checkpoint(inventoryTaken().state().manifest())
                        .verify(item.number(), bytes);
                yield problems.isEmpty()
                        ? null
                        : new ScrubDamage(item.key(), false, String.join("; ", problems), List.of(), false);
            }
            case SEGMENT -> segments.examine(item.number(), item.key(), bytes);
        };
    }

    private @Nullable ScrubDamage examineManifest(ScrubItem item, ByteBuffer bytes) {
        try {
            Manifest manifest = ManifestCodec.decode(item.key(), item.number(), bytes);
            if (!manifest.volume().equals(state.volume())) {
                return ScrubDamage.ofWhole(item.key(), "belongs to volume " + manifest.volume());
            }
            return ManifestStore.verify(manifest, parts.subject().sealing())
                    ? null
                    : ScrubDamage.ofWhole(item.key(), "was not written by an owner of the volume's key");
        } catch (DamagedObjectException | UnsupportedFormatException damaged) {
            return ScrubDamage.ofWhole(item.key(), String.valueOf(damaged.getMessage()));
        }
    }

    private void done(ScrubItem item, long bytes) {
        Invariant.check(item.key().compareTo(state.position()) > 0, "objects are done in order", next, bytes);
        ScrubState.Counts before = state.counts();
        ScrubState.Counts after = new ScrubState.Counts(
                before.manifests() + (item.kind() == ScrubItem.Kind.MANIFEST ? 1 : 0),
                before.identityCopies() + (item.kind() == ScrubItem.Kind.IDENTITY ? 1 : 0),
                before.checkpoints() + (item.kind() == ScrubItem.Kind.CHECKPOINT ? 1 : 0),
                before.segments() + (item.kind() == ScrubItem.Kind.SEGMENT ? 1 : 0),
                before.bytes() + bytes,
                before.vanished());
        state = new ScrubState(state.volume(), state.startedMillis(), item.key(), after, damages);
        tell("");
        long nowNanos = runtime.clock().monotonicNanos();
        if (after.bytes() - savedBytes >= SAVE_BYTES || nowNanos - savedNanos >= SAVE_NANOS) {
            save();
        }
    }

    private void save() {
        if (taken != null && !state.position().isEmpty()) {
            parts.file().save(state);
            savedBytes = state.counts().bytes();
            savedNanos = runtime.clock().monotonicNanos();
        }
    }

    private ScrubInventory.Inventory inventoryTaken() {
        if (taken == null) {
            throw new IllegalStateException("the objects were not counted yet");
        }
        return taken;
    }

    /** All was read: what is wrong with objects that are still in use, and what does it mean. */
    private void judge() {
        Futures.then(
                new ScrubJudgement(inventory, parts.subject(), names, List.copyOf(damages)).run(),
                lane,
                (verdict, failure) -> {
                    if (isOver()) {
                        return;
                    }
                    if (verdict == null) {
                        failed(failure, this::judge);
                        return;
                    }
                    parts.file().clear();
                    ScrubReport report = report(verdict);
                    progress = finished(report);
                    result.complete(report);
                });
    }

    private ScrubReport report(ScrubJudgement.Verdict verdict) {
        ScrubInventory.Inventory found = inventoryTaken();
        List<String> notes = new ArrayList<>(verdict.notes());
        if (found.checkpointProblem() != null) {
            notes.add("the checkpoint does not tell what is in use (" + found.checkpointProblem()
                    + "): every object was read, and what part of the volume is affected is not known completely;"
                    + " \"sluice volume rebuild\" makes a new one");
        }
        return new ScrubReport(
                state.volume(),
                found.state().manifest().logicalBlockBytes(),
                found.state().manifest().number(),
                found.state().lastSegment(),
                state.startedMillis(),
                nowMillis(),
                state.counts().manifests(),
                state.counts().identityCopies(),
                state.counts().checkpoints(),
                state.counts().segments(),
                state.counts().bytes(),
                resumed,
                found.unreferenced(),
                verdict.vanished(),
                verdict.findings(),
                notes);
    }

    /** Not a finding: an outage, or something that nobody expects. */
    private void failed(@Nullable Throwable failure, Runnable again) {
        Throwable cause = Failures.unwrap(failure == null ? new IllegalStateException("no failure") : failure);
        boolean outage = cause instanceof ObjectStoreException store && store.isTransient();
        if (isOver()) {
            return;
        }
        if (outage && waitsForStore && !stopAsked) {
            tell("waiting for the store: " + cause.getMessage());
            pausing = true;
            lane.schedule(OUTAGE_PAUSE, () -> {
                pausing = false;
                if (!isOver()) {
                    again.run();
                }
            });
            return;
        }
        save();
        if (stopAsked) {
            end(ScrubProgress.State.STOPPED, new CancellationException("the scrub was stopped"), "");
        } else {
            end(ScrubProgress.State.FAILED, cause, String.valueOf(cause.getMessage()));
        }
    }

    private boolean isOver() {
        return result.isDone();
    }

    /** Its files and its store are about to be closed: does nothing more, from this moment on. On the lane. */
    void abandon() {
        if (!isOver()) {
            save();
            end(ScrubProgress.State.STOPPED, new CancellationException("the volume is closed"), "the volume is closed");
        }
    }

    private void end(ScrubProgress.State how, Throwable why, String message) {
        ScrubProgress now = progress;
        progress = new ScrubProgress(
                how,
                now.objectsTotal(),
                now.objectsDone(),
                now.bytesTotal(),
                now.bytesDone(),
                now.damagedObjects(),
                now.resumed(),
                now.startedMillis(),
                now.bytesPerSecond(),
                -1,
                message);
        result.completeExceptionally(why);
    }

    private void tell(String message) {
        long done = state.counts().bytes();
        double seconds = (runtime.clock().monotonicNanos() - startedNanos) / 1e9;
        long rate = seconds <= 0 ? 0 : (long) ((done - resumedBytes) / seconds);
        progress = new ScrubProgress(
                ScrubProgress.State.RUNNING,
                state.counts().objects() + items.size() - (next - readings.size()),
                state.counts().objects(),
                bytesTotal,
                done,
                damages.size(),
                resumed,
                state.startedMillis(),
                rate,
                rate == 0 ? -1 : Math.max(0, bytesTotal - done) / rate,
                message);
    }

    private ScrubProgress finished(ScrubReport report) {
        ScrubProgress now = progress;
        return new ScrubProgress(
                ScrubProgress.State.DONE,
                now.objectsTotal(),
                now.objectsTotal(),
                now.bytesTotal(),
                report.bytes(),
                report.findings().size(),
                resumed,
                state.startedMillis(),
                now.bytesPerSecond(),
                0,
                "");
    }
}
