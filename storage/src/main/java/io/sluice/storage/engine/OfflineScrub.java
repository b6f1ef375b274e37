package io.sluice.storage.engine;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.scrub.BucketSubject;
import io.sluice.storage.scrub.ScrubControl;
import io.sluice.storage.scrub.ScrubOptions;
import io.sluice.storage.scrub.ScrubProgress;
import io.sluice.storage.scrub.ScrubReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** One scrub of a volume from its bucket alone, for the length of a command. Used once. */
final class OfflineScrub {
    private static final Duration TOLD_EVERY = Duration.ofSeconds(1);

    private final VolumeSettings settings;
    private final VolumeEnvironment environment;
    private final ObjectStore store;
    private final Consumer<ScrubProgress> told;
    private final Lane lane;

    /** {@code told} hears every second how far it is, and once more at the end. */
    OfflineScrub(
            VolumeSettings settings, VolumeEnvironment environment, ObjectStore store, Consumer<ScrubProgress> told) {
        this.settings = settings;
        this.environment = environment;
        this.store = store;
        this.told = told;
        this.lane = environment.runtime().blockingLane("offline-scrub-" + settings.name());
    }

    /** Keeps its state in {@code stateDirectory}, locked meanwhile: two scrubs of one volume do not mix. */
    CompletableFuture<ScrubReport> run(ScrubOptions options, Path stateDirectory) {
        EngineRuntime runtime = environment.runtime();
        ObjectNames names = new ObjectNames(settings.name());
        return BucketSubject.open(runtime, store, names, settings.encryption())
                .thenComposeAsync(
                        subject -> {
                            LocalDisk disk = open(stateDirectory, subject);
                            ScrubControl control = new ScrubControl(runtime, store, names, subject, disk, false);
                            control.start(options);
                            tellAgain(control);
                            return control.outcome()
                                    .whenCompleteAsync(
                                            (report, failure) -> {
                                                told.accept(control.progress());
                                                close(disk, subject, failure);
                                            },
                                            lane);
                        },
                        lane);
    }

    private LocalDisk open(Path directory, BucketSubject subject) {
        try {
            return environment.disks().open(directory);
        } catch (IOException failure) {
            subject.close();
            throw new CompletionException(failure);
        }
    }

    private void tellAgain(ScrubControl control) {
        if (!control.outcome().isDone()) {
            told.accept(control.progress());
            lane.schedule(TOLD_EVERY, () -> tellAgain(control));
        }
    }

    private static void close(
            LocalDisk disk, BucketSubject subject, @org.jspecify.annotations.Nullable Throwable failure) {
        subject.close();
        try {
            disk.close();
        } catch (IOException second) {
            if (failure == null) {
                throw new CompletionException(second);
            }
            failure.addSuppressed(second);
        }
    }
}
