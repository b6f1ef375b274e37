package io.sluice.target.server.reload;

import io.sluice.config.LunSettings;

/**
 * A LUN of the running server.
 *
 * @param settings it runs with
 * @param open its volume is open; false when that failed
 * @param sizeBytes of the volume now; 0 when it is not open
 */
public record RunningLun(LunSettings settings, boolean open, long sizeBytes) {
    /** Whether {@code other} is the same disk under the same number of the same target. */
    boolean isSameAs(LunSettings other) {
        return settings.targetName().equals(other.targetName())
                && settings.lun() == other.lun()
                && settings.volume().name().equals(other.volume().name());
    }
}
