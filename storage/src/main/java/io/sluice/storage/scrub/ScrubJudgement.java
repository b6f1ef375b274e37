package io.sluice.storage.scrub;

import io.sluice.storage.checkpoint.CheckpointInspection;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.ObjectNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Says what damaged objects mean: which of them are still in use, and which blocks of the volume cannot be read for them. Goes
 * through the mapping only when there is damage. Used once.
 */
final class ScrubJudgement {
    private static final int RANGES_MAX = 10_000;

    private final ScrubInventory inventory;
    private final ScrubSubject subject;
    private final ObjectNames names;
    private final List<ScrubDamage> damages;
    private final List<String> notes = new ArrayList<>();

    ScrubJudgement(ScrubInventory inventory, ScrubSubject subject, ObjectNames names, List<ScrubDamage> damages) {
        this.inventory = inventory;
        this.subject = subject;
        this.names = names;
        this.damages = damages;
    }

    /** {@code vanished}: damages of objects that are not in use any more. */
    record Verdict(List<ScrubFinding> findings, long vanished, List<String> notes) {}

    /** Completes on any thread. */
    CompletableFuture<Verdict> run() {
        if (damages.isEmpty()) {
            return CompletableFuture.completedFuture(new Verdict(List.of(), 0, List.of()));
        }
        return inventory.take().thenCompose(this::judge);
    }

    private CompletableFuture<Verdict> judge(ScrubInventory.Inventory now) {
        Set<String> used = new HashSet<>();
        now.items().forEach(item -> used.add(item.key()));
        Map<String, Gathering> open = new TreeMap<>();
        long vanished = 0;
        for (ScrubDamage damage : damages) {
            if (used.contains(damage.object())) {
                open.put(damage.object(), new Gathering(damage));
            } else {
                vanished++;
            }
        }
        long gone = vanished;
        return segments(open)
                .thenCompose(done -> checkpoints(now, open))
                .thenApply(done -> new Verdict(
                        open.values().stream().map(Gathering::finding).toList(), gone, notes));
    }

    private CompletableFuture<Void> segments(Map<String, Gathering> open) {
        Map<Long, Gathering> damaged = new HashMap<>();
        open.forEach((key, gathering) -> names.segmentNumber(key).ifPresent(number -> damaged.put(number, gathering)));
        if (damaged.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return subject.eachPlacement(new ScrubSubject.PlacementVisitor() {
            @Override
            public void placed(long lba, long locator) {
                Gathering gathering = damaged.get(Locator.segmentNumber(locator));
                if (gathering != null) {
                    gathering.placed(lba, locator);
                }
            }

            @Override
            public void unknown(long lba, long blocks, String why) {
                notes.add("where blocks " + lba + " to " + (lba + blocks - 1)
                        + " stand cannot be looked up, so damaged segments may affect them, too: " + why);
            }
        });
    }

    private CompletableFuture<Void> checkpoints(ScrubInventory.Inventory now, Map<String, Gathering> open) {
        Set<Long> damaged = new TreeSet<>();
        open.keySet().forEach(key -> names.checkpointNumber(key).ifPresent(damaged::add));
        if (damaged.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return subject.checkpoint(now.state().manifest()).unreachable(damaged).handle((unreachable, failure) -> {
            if (failure == null) {
                long sizeBlocks = now.state().manifest().sizeBytes() >>> 12;
                unreachable.forEach(part -> addUnreachable(open, part, sizeBlocks));
            } else if (ScrubInventory.isDamage(Failures.unwrap(failure))) {
                notes.add("no block that was written before the checkpoint can be looked up: "
                        + Failures.unwrap(failure).getMessage());
            } else {
                throw new CompletionException(Failures.unwrap(failure));
            }
            return null;
        });
    }

    private void addUnreachable(Map<String, Gathering> open, CheckpointInspection.Unreachable part, long sizeBlocks) {
        Gathering gathering = open.get(names.checkpoint(part.object()));
        if (gathering != null && part.firstBlock() < sizeBlocks) {
            gathering.add(part.firstBlock(), Math.min(part.blocks(), sizeBlocks - part.firstBlock()));
        }
    }

    /** Collects what one damage affects. */
    private final class Gathering {
        private final ScrubDamage damage;
        private final Set<Integer> frames;
        private final List<ScrubFinding.BlockRange> ranges = new ArrayList<>();
        private final Map<Long, Integer> cachedByFrame = new HashMap<>();
        private boolean full;

        Gathering(ScrubDamage damage) {
            this.damage = damage;
            this.frames = Set.copyOf(damage.frames());
        }

        void placed(long lba, long locator) {
            if (damage.whole() || frames.contains(Locator.frameOffsetBytes(locator))) {
                add(lba, 1);
                cachedByFrame.computeIfAbsent(Locator.frameKey(locator), subject::cached);
            }
        }

        void add(long lba, long blocks) {
            int last = ranges.size() - 1;
            ScrubFinding.@Nullable BlockRange before = last < 0 ? null : ranges.get(last);
            if (before != null && before.lba() + before.blocks() == lba) {
                ranges.set(last, new ScrubFinding.BlockRange(before.lba(), before.blocks() + blocks));
            } else if (ranges.size() < RANGES_MAX) {
                ranges.add(new ScrubFinding.BlockRange(lba, blocks));
            } else if (!full) {
                full = true;
                notes.add(damage.object() + " affects more than " + RANGES_MAX + " ranges; the first ones are told");
            }
        }

        ScrubFinding finding() {
            boolean askable = cachedByFrame.values().stream().noneMatch(answer -> answer < 0);
            int cached = askable
                    ? (int) cachedByFrame.values().stream()
                            .filter(answer -> answer > 0)
                            .count()
                    : -1;
            return new ScrubFinding(damage, ranges, cachedByFrame.size(), cached);
        }
    }
}
