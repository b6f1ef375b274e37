package io.sluice.integration.bench;

import java.util.Map;

/** A target without an object store, which counts nothing of its own and keeps nothing still. */
interface LocalRunningPeer extends RunningPeer {
    @Override
    default StoreTraffic traffic() {
        return StoreTraffic.NONE;
    }

    @Override
    default void makeCold() {
        throw new UnsupportedOperationException("there is no object store to read from again");
    }

    @Override
    default void storeLatencyMillis(int millis) {}

    @Override
    default void underLoad(boolean isUnderLoad) {}

    @Override
    default Map<String, Double> ownFigures() {
        return Map.of();
    }

    /** Its process is in the cleanup itself. */
    @Override
    default void close() {}
}
