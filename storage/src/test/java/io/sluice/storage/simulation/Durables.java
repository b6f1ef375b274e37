package io.sluice.storage.simulation;

import io.sluice.storage.engine.OpenedVolume;
import java.nio.ByteBuffer;
import java.util.TreeSet;

/** What the manifest keeps: size and reservations. What was acknowledged is there at every opening; what was not may be. */
final class Durables {
    private int sectors;
    private final TreeSet<Integer> sectorsAsked = new TreeSet<>();
    private long reservations;
    private final TreeSet<Long> reservationsAsked = new TreeSet<>();

    Durables(int sectors) {
        this.sectors = sectors;
    }

    /** That hosts may use. */
    int sectors() {
        return sectors;
    }

    void growing(int to) {
        sectorsAsked.add(to);
    }

    void grown(int to) {
        sectors = Math.max(sectors, to);
    }

    void reserving(long stamp) {
        reservationsAsked.add(stamp);
    }

    /** {@code stamp} was acknowledged; what was asked for earlier is over. */
    void reserved(long stamp) {
        reservations = stamp;
        reservationsAsked.clear();
    }

    /** An opening shows these. */
    void check(OpenedVolume opened) {
        int found = (int) (opened.volume().description().sizeBytes() / ModelVolume.SECTOR_BYTES);
        SimulationFailure.unless(
                found == sectors || sectorsAsked.contains(found),
                "the volume has " + found + " sectors, and had " + sectors + ", or " + sectorsAsked);
        sectors = found;
        sectorsAsked.clear();
        ByteBuffer kept = opened.volume().reservations();
        long stamp = kept.remaining() == Long.BYTES ? kept.getLong() : 0;
        SimulationFailure.unless(
                stamp == reservations || reservationsAsked.contains(stamp),
                "the reservations are those of " + stamp + ", acknowledged were those of " + reservations
                        + ", asked for " + reservationsAsked);
        reserved(stamp);
    }
}
