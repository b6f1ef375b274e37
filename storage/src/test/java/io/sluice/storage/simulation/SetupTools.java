package io.sluice.storage.simulation;

import io.sluice.config.Secret;
import io.sluice.config.VolumeSettings;
import java.util.Optional;

/** Variants of a setup's settings. */
final class SetupTools {
    private SetupTools() {}

    static Secret passphrase() {
        return Secret.ofText("a passphrase");
    }

    static VolumeSettings unencrypted(VolumeSettings settings) {
        return new VolumeSettings(
                settings.name(),
                settings.cacheDirectory(),
                settings.store(),
                Optional.empty(),
                settings.compressionLevel(),
                settings.durability(),
                settings.journal(),
                settings.flush(),
                settings.readCache(),
                settings.index(),
                settings.checkpoint(),
                settings.collector(),
                settings.fencing(),
                settings.takeover(),
                settings.readWait());
    }
}
