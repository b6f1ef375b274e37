package io.sluice.storage.simulation;

import static io.sluice.storage.simulation.Change.NEVER;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one block of 8 sectors may hold. Blocks change atomically, so a version is there with all of its sectors or with
 * none.
 *
 * <p>A look at the block from {@code beganAt} on may give a version that had begun before the look ended, unless it was
 * replaced for certain: by one that began later than it ended, and that had taken effect before the look began; or by
 * whatever stood there when another look saw that it was gone.
 */
final class BlockHistory {
    static final int SECTORS = 8;

    private final ModelVolume volume;
    private final int first;
    private final List<Version> versions = new ArrayList<>();

    /** A change as this block sees it. */
    private static final class Version {
        private final Change change;
        /** What each sector holds, where that is fixed: initial content, or a copy that was looked at. */
        private final long[] values = new long[SECTORS];

        private int fixed;
        /** It had taken effect by then. */
        private long thereAt = NEVER;
        /** By then each sector was seen to hold something else, although it had been there. */
        private final long[] goneAt = new long[SECTORS];
        /** Sectors in which it certainly stood after the last crash. */
        private int standing;
        /** A crash has taken it. */
        private boolean lost;
        /** A crash may have taken it, though it had been acknowledged. */
        private boolean doubtful;

        Version(Change change) {
            this.change = change;
            Arrays.fill(goneAt, NEVER);
        }

        boolean isFixed(int i) {
            return (fixed & (1 << i)) != 0;
        }

        void fix(int i, long value) {
            fixed |= 1 << i;
            values[i] = value;
        }

        long takenEffectBy() {
            return change.succeeded() && !doubtful ? Math.min(thereAt, change.endedAt()) : thereAt;
        }

        boolean isSafe(Change.@Nullable Safety kept) {
            return kept != null && !doubtful && change.isSafe(kept);
        }
    }

    BlockHistory(ModelVolume volume, int block) {
        this.volume = volume;
        this.first = block * SECTORS;
    }

    /** Only these values, durable everywhere. */
    void settle(long[] found, int at, Change initial) {
        versions.clear();
        Version version = new Version(initial);
        for (int i = 0; i < SECTORS; i++) {
            version.fix(i, found[at + i]);
        }
        version.thereAt = 0;
        versions.add(version);
    }

    void began(Change change) {
        versions.add(new Version(change));
    }

    /** Whether {@code sector} may have held {@code value} at some moment before {@code to}: for the source of a copy. */
    boolean mayHaveHeld(int sector, long value, long from, long to, boolean exact) {
        for (Version version : versions) {
            if (version.change.covers(sector)
                    && version.change.beganAt() < to
                    && holds(version, sector, value)
                    && (!exact || (!version.lost && replacement(version, sector, from, null) == null))) {
                return true;
            }
        }
        return false;
    }

    private boolean holds(Version version, int sector, long value) {
        int i = sector - first;
        if (version.isFixed(i)) {
            return version.values[i] == value;
        }
        Change change = version.change;
        return change.kind() == Change.Kind.COPY
                ? volume.mayHaveHeld(change, change.source() + sector - change.from(), value)
                : change.valueAt(sector) == value;
    }

    /** What has replaced {@code version} at {@code sector} for a look that begins at {@code beganAt}; null when nothing has. */
    private @Nullable Version replacement(Version version, int sector, long beganAt, Change.@Nullable Safety kept) {
        for (Version other : versions) {
            if (!other.lost
                    && other.change.covers(sector)
                    && other.change.beganAt() > version.change.endedAt()
                    && (other.takenEffectBy() < beganAt || other.isSafe(kept))) {
                return other;
            }
        }
        return version.goneAt[sector - first] < beganAt ? version : null;
    }

    /** The earliest begin of what may have put {@code value} there; NEVER when nothing may. */
    long earliestBegin(int sector, long value, long now) {
        long earliest = NEVER;
        for (Version version : versions) {
            if (isPossible(version, sector, value, now)) {
                earliest = Math.min(earliest, version.change.beganAt());
            }
        }
        return earliest;
    }

    private boolean isPossible(Version version, int sector, long value, long now) {
        return !version.lost
                && version.change.covers(sector)
                && version.change.beganAt() < now
                && holds(version, sector, value);
    }

    /**
     * A look at sectors {@code from} to {@code end} gave {@code found} (from {@code at} on): why that is wrong, or null.
     *
     * @param kept what acknowledged how survived for certain; null when only times count
     * @param seen whether the look proves that what it saw was there at that moment
     */
    @Nullable
    String look(
            int from,
            int end,
            long[] found,
            int at,
            long beganAt,
            long now,
            Change.@Nullable Safety kept,
            boolean seen) {
        Version[] only = new Version[SECTORS];
        for (int sector = from; sector < end; sector++) {
            int candidates = 0;
            String wrong = "holds " + found[at + sector - from] + ", which nobody wrote";
            for (Version version : versions) {
                if (isPossible(version, sector, found[at + sector - from], now)) {
                    Version replacement = replacement(version, sector, beganAt, kept);
                    if (replacement == null) {
                        candidates++;
                        only[sector - first] = version;
                    } else {
                        wrong = "holds " + version.change + ", which was replaced by " + replacement.change;
                    }
                }
            }
            if (candidates == 0) {
                return "sector " + sector + " " + wrong;
            }
            if (candidates > 1) {
                only[sector - first] = null;
            }
        }
        String mixture = mixture(from, end, found, at, only, now);
        if (mixture == null && seen) {
            saw(only, beganAt, now);
        }
        return mixture;
    }

    /** Blocks change as one: what certainly stands in one sector has replaced in the others what ended before it began. */
    private @Nullable String mixture(int from, int end, long[] found, int at, @Nullable Version[] only, long now) {
        for (int sector = from; sector < end; sector++) {
            boolean possible = false;
            for (Version version : versions) {
                possible |=
                        isPossible(version, sector, found[at + sector - from], now) && !isBelow(version, sector, only);
            }
            if (!possible) {
                return "the block of sector " + sector + " is a mixture: " + describe(only) + "; sector " + sector
                        + " holds " + found[at + sector - from];
            }
        }
        return null;
    }

    private static boolean isBelow(Version version, int sector, @Nullable Version[] only) {
        for (Version present : only) {
            if (present != null
                    && present.change.covers(sector)
                    && present.change.beganAt() > version.change.endedAt()) {
                return true;
            }
        }
        return false;
    }

    private String describe(@Nullable Version[] only) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < SECTORS; i++) {
            Version version = only[i];
            text.append(first + i)
                    .append(": ")
                    .append(version == null ? "several" : version.change)
                    .append("; ");
        }
        return text.toString();
    }

    private void saw(@Nullable Version[] only, long beganAt, long now) {
        for (int i = 0; i < SECTORS; i++) {
            Version seen = only[i];
            if (seen == null) {
                continue;
            }
            seen.thereAt = Math.min(seen.takenEffectBy(), now);
            for (Version other : versions) {
                if (other != seen && other.change.covers(first + i) && other.takenEffectBy() < beganAt) {
                    other.goneAt[i] = Math.min(other.goneAt[i], now);
                }
            }
        }
    }

    /**
     * After a crash the block holds {@code found}: what was under way is over, and what the crash took cannot come back.
     *
     * @param surviving what had taken effect before this time survived for certain
     */
    void resolve(long[] found, int at, long surviving, long now) {
        for (Version version : versions) {
            version.change.over(now);
            version.standing = 0;
        }
        List<Version> present = new ArrayList<>();
        for (int i = 0; i < SECTORS; i++) {
            Version only = null;
            int candidates = 0;
            for (Version version : versions) {
                if (isPossible(version, first + i, found[at + i], now)
                        && replacement(version, first + i, surviving, null) == null) {
                    only = version;
                    candidates++;
                }
            }
            if (candidates == 1 && only != null) {
                only.fix(i, found[at + i]);
                only.standing |= 1 << i;
                present.add(only);
            }
        }
        for (Version version : versions) {
            boolean there = present.contains(version);
            for (int i = 0; i < SECTORS; i++) {
                // What was seen to replace it may be lost itself.
                version.goneAt[i] = there || version.goneAt[i] >= surviving ? NEVER : version.goneAt[i];
            }
            if (there) {
                version.thereAt = Math.min(version.takenEffectBy(), now);
            } else if (version.takenEffectBy() >= surviving) {
                version.lost = present.stream().anyMatch(other -> tookTheirPlace(other, version));
                version.thereAt = NEVER;
                version.doubtful = true;
            }
        }
    }

    /** {@code version} would have replaced {@code present} everywhere that one stands, had it survived. */
    private boolean tookTheirPlace(Version present, Version version) {
        if (version.change.beganAt() <= present.change.endedAt()) {
            return false;
        }
        for (int i = 0; i < SECTORS; i++) {
            if ((present.standing & (1 << i)) != 0 && version.change.covers(first + i)) {
                return true;
            }
        }
        return false;
    }

    List<Change> copies() {
        return versions.stream()
                .map(version -> version.change)
                .filter(change -> change.kind() == Change.Kind.COPY)
                .toList();
    }

    String history() {
        StringBuilder text = new StringBuilder();
        for (Version version : versions) {
            text.append("\n      ").append(version.change).append(version.lost ? " lost" : "");
            text.append(version.doubtful ? " doubtful" : "")
                    .append(version.fixed != 0 ? " fixed " + version.fixed : "");
            if (version.thereAt != NEVER) {
                text.append(" there at ").append(version.thereAt);
            }
        }
        return text.toString();
    }
}
