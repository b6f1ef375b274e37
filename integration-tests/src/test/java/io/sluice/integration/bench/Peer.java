package io.sluice.integration.bench;

import java.io.IOException;
import java.util.Optional;

/** A kind of iSCSI target that can be started for a benchmark. */
interface Peer {
    /** As on the command line and in all reports. */
    String name();

    /** What it is, for people. */
    String describe();

    /** True when what was written can be read: everything but a null store. */
    boolean keepsData();

    /** True when the data lives in an object store, so that a cold start from there means something. */
    boolean usesStore();

    /** How many commands under way it can bear while its LUNs are filled. */
    default int fillDepth() {
        return 8;
    }

    /** Why it cannot run on this machine; empty when it can. */
    default Optional<String> hindrance() {
        return Optional.empty();
    }

    /** Starts it with LUNs that were never written; it ends with {@link Place#cleanup()} at the latest. */
    RunningPeer start(Place place, Demand demand) throws IOException, InterruptedException;
}
