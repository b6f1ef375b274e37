package io.sluice.storage.engine;

import io.sluice.config.SecretSource;
import io.sluice.storage.format.Failures;
import io.sluice.storage.inspection.CheckOptions;
import io.sluice.storage.inspection.CheckReport;
import io.sluice.storage.inspection.ImageRestore;
import io.sluice.storage.inspection.RestoreOptions;
import io.sluice.storage.inspection.RestoreReport;
import io.sluice.storage.inspection.RestoreTarget;
import io.sluice.storage.inspection.VolumeAccess;
import io.sluice.storage.inspection.VolumeCheck;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.SimulatedRuntime;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Looks at a volume in its bucket from a process of its own, in simulation. */
final class InspectedVolume {
    private final ObjectStore store;
    private final Optional<SecretSource> passphrase;
    private long seed = 77;

    InspectedVolume(ObjectStore store, SimulatedSettings settings) {
        this.store = store;
        this.passphrase = settings.settings().encryption();
    }

    InspectedVolume(MemoryObjectStore bucket, SimulatedSettings settings) {
        this((ObjectStore) bucket, settings);
    }

    private VolumeAccess access(SimulatedRuntime runtime) {
        return new VolumeAccess("sim", passphrase, store, runtime);
    }

    RestoreReport restore(RestoreTarget target, RestoreOptions options) {
        SimulatedRuntime runtime = new SimulatedRuntime(seed++);
        return runtime.await(new ImageRestore(access(runtime), options, target, (done, all, bytes) -> {}).run());
    }

    /** The image of the newest state. */
    byte[] image() {
        MemoryImage image = new MemoryImage(true);
        RestoreReport unused = restore(image, RestoreOptions.DEFAULT);
        return image.bytes();
    }

    Throwable restoreFailure(RestoreTarget target, RestoreOptions options) {
        try {
            RestoreReport report = restore(target, options);
            throw new AssertionError("it was restored: " + report);
        } catch (CompletionException failure) {
            return Failures.unwrap(failure);
        }
    }

    CheckReport check(CheckOptions options) {
        SimulatedRuntime runtime = new SimulatedRuntime(seed++);
        return runtime.await(new VolumeCheck(access(runtime), options, (part, done, total) -> {}).run());
    }

    CheckReport check() {
        return check(CheckOptions.DEFAULT);
    }

    Throwable checkFailure() {
        try {
            CheckReport report = check();
            throw new AssertionError("it was checked: " + report);
        } catch (CompletionException failure) {
            return Failures.unwrap(failure);
        }
    }
}
