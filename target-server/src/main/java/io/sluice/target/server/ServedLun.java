package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.storage.engine.OpenedVolume;
import org.jspecify.annotations.Nullable;

/**
 * One configured LUN: its volume is open, or it says why not, or neither is known yet. A LUN that cannot be opened never
 * keeps the others from serving.
 *
 * @param opened null when opening failed, or is not over
 * @param failure for the operator; null when it is open, or opening is not over
 */
record ServedLun(
        LunSettings settings,
        @Nullable OpenedVolume opened,
        @Nullable String failure) {

    static ServedLun notYetOpen(LunSettings settings) {
        return new ServedLun(settings, null, null);
    }

    boolean isOpen() {
        return opened != null;
    }
}
