package io.sluice.storage.inspection;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Reads the newest manifests of the series, and finds those that are damaged, missing in between, or out of order. */
final class ManifestCheck {
    /** So many of the newest are read: each change of reservations makes one. */
    private static final int MANIFESTS_MAX = 128;

    private final ManifestStore store;
    private final ObjectNames names;
    private final Lane lane;
    private final NavigableMap<Long, Manifest> readable = new TreeMap<>();
    private final NavigableMap<Long, String> damaged = new TreeMap<>();
    private long newest;

    ManifestCheck(VolumeAccess access, Lane lane) {
        this.store = new ManifestStore(
                access.store(), access.names(), access.runtime().entropy());
        this.names = access.names();
        this.lane = lane;
    }

    /** Reads them; fails when the store cannot be asked. */
    CompletableFuture<ManifestCheck> run() {
        return store.list(RequestCause.ADMIN)
                .thenComposeAsync(
                        numbers -> {
                            newest = numbers.isEmpty() ? 0 : numbers.get(numbers.size() - 1);
                            int from = Math.max(0, numbers.size() - MANIFESTS_MAX);
                            return read(numbers.subList(from, numbers.size()), 0);
                        },
                        lane)
                .thenApply(done -> this);
    }

    private CompletableFuture<Void> read(List<Long> numbers, int at) {
        if (at == numbers.size()) {
            return CompletableFuture.completedFuture(null);
        }
        long number = numbers.get(at);
        return store.read(number, RequestCause.ADMIN)
                .handleAsync(
                        (manifest, failure) -> {
                            if (failure == null) {
                                readable.put(number, manifest);
                            } else {
                                note(number, Failures.unwrap(failure));
                            }
                            return at + 1;
                        },
                        lane)
                .thenComposeAsync(next -> read(numbers, next), lane);
    }

    private void note(long number, Throwable failure) {
        boolean removed = failure instanceof ObjectStoreException gone
                && gone.kind() == ObjectStoreException.Kind.NOT_FOUND
                && number < newest;
        if (removed) {
            // A gateway removes the old ones, in no order: those below go, too, and mean nothing any more.
            readable.headMap(number).clear();
            damaged.headMap(number).clear();
        } else if (MappingReader.isDamage(failure)) {
            damaged.put(number, MappingReader.reason(failure));
        } else {
            throw new CompletionException(failure);
        }
    }

    /** Number of the newest manifest when the look began. */
    long newest() {
        return newest;
    }

    /**
     * From this number on no gateway removes manifests; below, one that goes on, or died, may have removed some and not yet
     * others. Kept is the first one of the checkpoint before the newest, or that of the opening when that is later; of many
     * the newest {@link ManifestStore#KEPT_MAX}.
     */
    private long firstNeeded() {
        long firstOfNewest = readable.values().stream()
                .filter(manifest -> manifest.checkpoint().number()
                        == readable.lastEntry().getValue().checkpoint().number())
                .findFirst()
                .map(Manifest::number)
                .orElse(newest);
        Manifest root = Objects.requireNonNull(readable.get(firstOfNewest));
        Map.Entry<Long, Manifest> before = readable.lowerEntry(firstOfNewest);
        long previous = before == null
                ? root.checkpoint().number()
                : before.getValue().checkpoint().number();
        long first = readable.values().stream()
                .filter(manifest -> manifest.epoch() >= root.epoch()
                        && manifest.checkpoint().number() >= previous)
                .findFirst()
                .map(Manifest::number)
                .orElse(firstOfNewest);
        return Math.max(first, newest - ManifestStore.KEPT_MAX + 1);
    }

    /** True when there is no manifest at all, readable or not. */
    boolean isEmpty() {
        return readable.isEmpty() && damaged.isEmpty();
    }

    /** True when the newest one cannot be read. */
    boolean isNewestDamaged() {
        return damaged.containsKey(newest);
    }

    /** Numbers of manifests that can be read, newest first. */
    List<Long> readableNumbers() {
        return new ArrayList<>(readable.descendingKeySet());
    }

    /** What is wrong with the series, once the key is known. */
    void tell(Sealing sealing, FindingList findings) {
        readable.forEach((number, manifest) -> {
            if (!ManifestStore.verify(manifest, sealing)) {
                damaged.put(number, "was not written by an owner of the volume's key");
            }
        });
        tellDamaged(findings);
        long firstNeeded = readable.isEmpty() ? 0 : firstNeeded();
        Manifest before = null;
        for (Manifest manifest : readable.values()) {
            if (before != null) {
                tellOrder(before, manifest, firstNeeded, findings);
            }
            before = manifest;
        }
    }

    /** What cannot be read, without the key. */
    void tellDamaged(FindingList findings) {
        damaged.forEach((number, reason) -> findings.add(
                number == newest ? CheckFinding.Kind.MANIFEST_DAMAGED : CheckFinding.Kind.MANIFEST_OLD_DAMAGED,
                names.manifest(number),
                reason
                        + (number == newest
                                ? ": no gateway can open the volume; older manifests, \"sluice volume rebuild\" and"
                                        + " \"sluice restore --manifest\" are the ways back"
                                : "; it is not the newest and not needed")));
    }

    private void tellOrder(Manifest before, Manifest manifest, long firstNeeded, FindingList findings) {
        List<String> wrong = new ArrayList<>();
        if (manifest.number() != before.number() + 1
                && manifest.number() > firstNeeded
                && damaged.subMap(before.number(), manifest.number()).isEmpty()) {
            wrong.add("manifests " + (before.number() + 1) + " to " + (manifest.number() - 1) + " are missing");
        }
        if (!manifest.volume().equals(before.volume())) {
            wrong.add("it is of volume " + manifest.volume() + ", the one before of " + before.volume());
        }
        if (manifest.epoch() < before.epoch()) {
            wrong.add("its epoch " + manifest.epoch() + " is below " + before.epoch() + " of the one before");
        }
        if (manifest.checkpoint().number() < before.checkpoint().number()) {
            wrong.add("its checkpoint " + manifest.checkpoint().number() + " is older than "
                    + before.checkpoint().number() + " of the one before");
        }
        if (manifest.sizeBytes() < before.sizeBytes()) {
            wrong.add("its size is smaller than that of the one before");
        }
        if (!wrong.isEmpty()) {
            findings.add(CheckFinding.Kind.MANIFEST_ORDER, names.manifest(manifest.number()), String.join("; ", wrong));
        }
    }
}
