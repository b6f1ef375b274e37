package io.sluice.integration.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A target that serves its LUNs on 127.0.0.1. Not thread-safe. */
interface RunningPeer extends AutoCloseable {
    /** One iscsi:// URL for each LUN. */
    List<String> urls();

    /** The processes whose time and memory count as the server's. */
    List<Long> pids();

    /** What it has exchanged with the object store so far. */
    StoreTraffic traffic();

    /** Waits until everything that was written is where it belongs: in the file, in the object store. */
    void settle() throws IOException, InterruptedException;

    /**
     * Waits until nothing is left to do from what came before, what the peer does on its own account included: who is measured
     * next, this peer or another, shall have the machine for itself.
     */
    default void rest() throws IOException, InterruptedException {
        settle();
    }

    /**
     * Forgets every local copy of what is in the object store; pids and URLs may be others afterwards. A program that has just
     * begun is slow in itself, which hosts of a server that runs for months do not meet: the peer goes on running where it can.
     */
    void makeCold() throws IOException, InterruptedException;

    /** Each request to the object store takes so much longer from now on. */
    void storeLatencyMillis(int millis);

    /** A load begins, or has ended: for peers that keep something still meanwhile. */
    void underLoad(boolean isUnderLoad);

    /** Figures of its own, by name, since the start; empty when it has none. */
    Map<String, Double> ownFigures() throws IOException;

    @Override
    void close();
}
