package io.sluice.storage.inspection;

import io.sluice.config.SecretSource;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.EngineRuntime;
import java.util.Optional;

/**
 * What is needed to look at a volume in its bucket.
 *
 * @param volume its name
 * @param passphrase empty for a volume without encryption
 * @param store the caller's, who closes it
 */
public record VolumeAccess(String volume, Optional<SecretSource> passphrase, ObjectStore store, EngineRuntime runtime) {
    /** As a gateway with {@code settings} would. */
    public static VolumeAccess of(VolumeSettings settings, ObjectStore store, EngineRuntime runtime) {
        return new VolumeAccess(settings.name(), settings.encryption(), store, runtime);
    }

    /** The names of its objects. */
    public ObjectNames names() {
        return new ObjectNames(volume);
    }
}
