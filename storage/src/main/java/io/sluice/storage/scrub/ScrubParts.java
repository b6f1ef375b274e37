package io.sluice.storage.scrub;

import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;

/**
 * What a scrub works with.
 *
 * @param lane where it runs: one of its own that may block
 * @param store the volume's, not closed by the scrub
 * @param file where its state is kept
 */
record ScrubParts(
        EngineRuntime runtime,
        Lane lane,
        ObjectStore store,
        ObjectNames names,
        ScrubSubject subject,
        ScrubStateFile file) {}
