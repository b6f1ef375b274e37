package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.storage.engine.OpenedVolume;
import org.jspecify.annotations.Nullable;

/**
 * One configured LUN: either its volume is open, or it says why not. A LUN that cannot be opened never keeps the others
 * from serving.
 *
 * @param opened null when opening failed
 * @param failure for the operator, null when it is open
 */
record ServedLun(
        LunSettings settings,
        @Nullable OpenedVolume opened,
        @Nullable String failure) {}
