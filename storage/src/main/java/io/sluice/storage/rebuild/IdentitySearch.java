package io.sluice.storage.rebuild;

import io.sluice.config.SecretSource;
import io.sluice.storage.crypto.WrongPassphraseException;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.manifest.IdentityCopies;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.recovery.UnlockedManifest;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks through all manifests and identity copies of a volume, newest first, for the first that can be read and unlocked. On
 * {@code lane}, which may block: unwrapping a key takes about half a second.
 */
final class IdentitySearch {
    /** Manifests that are looked at; there are seldom more than a few. */
    private static final int MANIFESTS_MAX = 200;

    private final ObjectStore store;
    private final ObjectNames names;
    private final Optional<SecretSource> passphrase;
    private final Entropy entropy;
    private final Lane lane;
    private final ManifestStore manifests;
    private final IdentityCopies copies;
    private final List<String> unusable = new ArrayList<>();

    IdentitySearch(
            ObjectStore store, ObjectNames names, Optional<SecretSource> passphrase, Entropy entropy, Lane lane) {
        this.store = store;
        this.names = names;
        this.passphrase = passphrase;
        this.entropy = entropy;
        this.lane = lane;
        this.manifests = new ManifestStore(store, names, entropy);
        this.copies = new IdentityCopies(store, names);
    }

    /** A manifest or a copy of one. */
    private record Candidate(Manifest manifest, String object, boolean copy) {}

    /** Where one may be. */
    private record Place(long number, boolean copy) {}

    /** Fails when there is none, or none that the passphrase opens. */
    CompletableFuture<FoundIdentity> run() {
        return manifests
                .list(RequestCause.ADMIN)
                .thenCombine(copies.numbers(RequestCause.ADMIN), this::places)
                .thenComposeAsync(
                        places -> readAll(places, 0, new ArrayList<>())
                                .thenApplyAsync(candidates -> choose(places, candidates), lane),
                        lane);
    }

    private List<Place> places(List<Long> manifestNumbers, List<Long> copyNumbers) {
        List<Place> places = new ArrayList<>();
        int first = Math.max(0, manifestNumbers.size() - MANIFESTS_MAX);
        manifestNumbers.subList(first, manifestNumbers.size()).forEach(number -> places.add(new Place(number, false)));
        copyNumbers.forEach(number -> places.add(new Place(number, true)));
        places.sort(Comparator.comparingLong(Place::number).reversed().thenComparing(Place::copy));
        return places;
    }

    private CompletableFuture<List<Candidate>> readAll(List<Place> places, int at, List<Candidate> found) {
        if (at == places.size()) {
            return CompletableFuture.completedFuture(found);
        }
        Place place = places.get(at);
        String object = object(place);
        CompletableFuture<Manifest> reading = place.copy()
                ? copies.read(place.number(), RequestCause.ADMIN)
                : manifests.read(place.number(), RequestCause.ADMIN);
        return reading.handleAsync(
                        (manifest, failure) -> {
                            if (failure == null) {
                                found.add(new Candidate(manifest, object, place.copy()));
                            } else {
                                note(object, Failures.unwrap(failure));
                            }
                            return found;
                        },
                        lane)
                .thenCompose(soFar -> readAll(places, at + 1, soFar));
    }

    private String object(Place place) {
        return place.copy() ? names.identity(place.number()) : names.manifest(place.number());
    }

    /** An outage is no absence: then nothing is decided. */
    private void note(String object, Throwable failure) {
        boolean final_ = failure instanceof DamagedObjectException
                || failure instanceof UnsupportedFormatException
                || (failure instanceof ObjectStoreException refused
                        && refused.kind() == ObjectStoreException.Kind.NOT_FOUND);
        if (!final_) {
            throw new CompletionException(failure);
        }
        unusable.add(object + ": " + failure.getMessage());
    }

    private FoundIdentity choose(List<Place> places, List<Candidate> candidates) {
        if (places.isEmpty()) {
            throw new CompletionException(new VolumeNotFoundException(names.volumeName(), store.describe()));
        }
        IOException refusal = null;
        for (Candidate candidate : candidates) {
            try {
                UnlockedManifest unlocked = UnlockedManifest.of(candidate.manifest(), names, passphrase, entropy);
                return describe(places, candidates, candidate, unlocked);
            } catch (DamagedObjectException forged) {
                unusable.add(candidate.object() + ": " + forged.getMessage());
            } catch (IOException failure) {
                refusal = later(refusal, failure);
            } catch (SecretSource.SecretUnavailableException failure) {
                throw new CompletionException(failure);
            }
        }
        throw new CompletionException(refusal != null ? refusal : new IOException(noneUsable()));
    }

    /** A wrong passphrase says more than anything else. */
    private static IOException later(@Nullable IOException earlier, IOException failure) {
        return earlier instanceof WrongPassphraseException ? earlier : failure;
    }

    private String noneUsable() {
        return "volume \"" + names.volumeName()
                + "\" has neither a manifest nor an identity copy that can be used, so its"
                + " key is lost and nothing can be rebuilt: " + String.join("; ", unusable);
    }

    private FoundIdentity describe(
            List<Place> places, List<Candidate> candidates, Candidate chosen, UnlockedManifest unlocked) {
        long size = 0;
        long epoch = 0;
        long committed = 0;
        for (Candidate candidate : candidates) {
            Manifest manifest = candidate.manifest();
            boolean same = manifest.volume().equals(unlocked.manifest().volume());
            if (!same || !ManifestStore.verify(manifest, unlocked.sealing())) {
                String why = same ? "was not sealed with the volume's key" : "belongs to volume " + manifest.volume();
                unusable.add(candidate.object() + ": " + why);
                continue;
            }
            size = Math.max(size, manifest.sizeBytes());
            epoch = Math.max(epoch, manifest.epoch());
            committed = Math.max(committed, manifest.checkpoint().coversSegment());
            committed = Math.max(committed, manifest.fenceSegment());
        }
        Optional<Place> newest = places.stream().filter(place -> !place.copy()).findFirst();
        boolean sound = !chosen.copy()
                && newest.isPresent()
                && newest.get().number() == chosen.manifest().number()
                && places.get(0).number() == chosen.manifest().number();
        return new FoundIdentity(
                unlocked,
                chosen.object(),
                sound,
                size,
                places.get(0).number(),
                epoch,
                committed,
                List.copyOf(unusable));
    }
}
