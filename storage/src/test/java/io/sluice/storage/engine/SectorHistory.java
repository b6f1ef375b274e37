package io.sluice.storage.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one sector may hold, told by begin, end and outcome of the writes and reads of it. Each write has a stamp of its
 * own, so that what a read gives names the write it saw; unmaps have none (0): a zero may come from any of them.
 *
 * <p>A read may give a write that had begun before it ended, unless that was replaced for certain: by a write that began
 * later than it ended, and that had ended, or had been seen, before the read began; or by whatever stood there when a
 * read saw something else although it had been there before (nothing comes back).
 */
final class SectorHistory {
    private static final long NEVER = Long.MAX_VALUE;

    private final List<Version> versions = new ArrayList<>();

    /** One write. Times are those of a counter that grows with each event. */
    static final class Version {
        private final long stamp;
        /** What a copy is made of; it holds what that held at some moment between begin and end. */
        private final @Nullable SectorHistory source;

        private final long beganAt;
        private long endedAt = NEVER;
        /** It had taken effect by then. */
        private long thereAt = NEVER;
        /** It was replaced by then. */
        private long goneAt = NEVER;

        private Version(long stamp, @Nullable SectorHistory source, long beganAt) {
            this.stamp = stamp;
            this.source = source;
            this.beganAt = beganAt;
        }

        private boolean mayHold(long asked) {
            return source == null ? stamp == asked : source.mayHaveHeld(asked, beganAt, endedAt);
        }

        void ended(long now) {
            endedAt = now;
            thereAt = Math.min(thereAt, now);
        }
    }

    /** Holds zeros. */
    SectorHistory() {
        settle(0);
    }

    /** A write of {@code stamp} begins. */
    Version began(long stamp, long now) {
        Version version = new Version(stamp, null, now);
        versions.add(version);
        return version;
    }

    /** A copy of {@code source}, which no copy goes into, begins. */
    Version beganCopy(SectorHistory source, long now) {
        Version version = new Version(-1, source, now);
        versions.add(version);
        return version;
    }

    /** Whether it may have held {@code stamp} at some moment between the two times. */
    private boolean mayHaveHeld(long stamp, long from, long to) {
        return versions.stream()
                .anyMatch(version -> version.stamp == stamp && version.beganAt < to && replaced(version, from) == null);
    }

    /** A read from {@code beganAt} to {@code now} gave {@code stamp}: why that is wrong, or null. */
    @Nullable
    String read(long stamp, long beganAt, long now) {
        String wrong = "holds " + stamp + ", which nobody wrote";
        List<Version> possible = new ArrayList<>();
        for (Version version : versions) {
            if (version.mayHold(stamp) && version.beganAt < now) {
                String refused = replaced(version, beganAt);
                if (refused == null) {
                    possible.add(version);
                } else {
                    wrong = refused;
                }
            }
        }
        if (possible.size() == 1) {
            saw(possible.get(0), beganAt, now);
        }
        return possible.isEmpty() ? wrong : null;
    }

    private @Nullable String replaced(Version version, long beganAt) {
        if (version.goneAt < beganAt) {
            return "holds " + version.stamp + " again, after a read saw that it was replaced";
        }
        for (Version other : versions) {
            if (other.beganAt > version.endedAt && other.thereAt < beganAt) {
                return "holds " + version.stamp + ", which " + other.stamp + " has replaced";
            }
        }
        return null;
    }

    private void saw(Version seen, long beganAt, long now) {
        seen.thereAt = Math.min(seen.thereAt, now);
        for (Version other : versions) {
            if (other != seen && other.thereAt < beganAt) {
                other.goneAt = Math.min(other.goneAt, now);
            }
        }
    }

    /** Only {@code stamp} is left. */
    void settle(long stamp) {
        versions.clear();
        began(stamp, 0).ended(0);
    }
}
