package io.sluice.storage.engine;

import java.util.concurrent.atomic.LongAdder;

/** What hosts moved since the volume was opened. Thread-safe. */
record VolumeCounters(LongAdder bytesRead, LongAdder bytesWritten) {
    VolumeCounters() {
        this(new LongAdder(), new LongAdder());
    }
}
