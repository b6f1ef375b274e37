package io.sluice.storage.simulation;

import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SimulatedScheduler;
import java.util.Random;

/** What all parts of one simulation share. {@code random} decides what hosts and misfortune do, not the scheduler. */
record World(
        Setup setup,
        Sabotage sabotage,
        SimulatedScheduler scheduler,
        MemoryObjectStore bucket,
        SimulatedNetwork network,
        Random random) {}
