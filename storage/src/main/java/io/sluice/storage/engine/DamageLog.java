package io.sluice.storage.engine;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.volume.VolumeStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a volume's objects was found damaged or missing since it was opened: named once each in the log, at a bounded
 * rate, however often hosts read there; counted for {@code sluice status}. Thread-safe.
 */
final class DamageLog {
    /** So many objects are remembered; what comes behind is counted as reads only. */
    static final int OBJECTS_MAX = 1000;
    /** So many are named in the status. */
    static final int SHOWN_MAX = 16;
    /** So many are told at once, then one each {@link #PAUSE}. */
    static final int LINES_AT_ONCE = 10;

    static final Duration PAUSE = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(DamageLog.class);

    /** What is wrong with an object. */
    enum Kind {
        /** It is not there. */
        MISSING,
        /** It is not what was written there: changed, cut, swapped, another volume's. */
        DAMAGED
    }

    private final String volumeName;
    private final EngineClock clock;
    private final Map<String, Kind> objects = new LinkedHashMap<>();
    private long failedReads;
    private long untold;
    private long told;
    private double lines = LINES_AT_ONCE;
    private long linesAtNanos;

    DamageLog(String volumeName, EngineClock clock) {
        this.volumeName = volumeName;
        this.clock = clock;
        this.linesAtNanos = clock.monotonicNanos();
    }

    /** A host's read at {@code offsetBytes} ended with a medium error because of {@code object}. */
    synchronized void failedRead(String object, Kind kind, String what, long offsetBytes) {
        failedReads++;
        if (remember(object, kind) && mayTell()) {
            log.error(
                    "volume {}: {} is {}, hosts get MEDIUM ERROR where it is needed, first at byte {}: {}{}",
                    volumeName,
                    object,
                    text(kind),
                    offsetBytes,
                    what,
                    others());
        } else {
            log.debug("volume {}: read at byte {} failed: {}", volumeName, offsetBytes, what);
        }
    }

    /** {@code object} was found so by something else than a host's read. */
    synchronized void found(String object, Kind kind, String what) {
        if (remember(object, kind) && mayTell()) {
            log.error("volume {}: {} is {}: {}{}", volumeName, object, text(kind), what, others());
        }
    }

    private static String text(Kind kind) {
        return kind == Kind.MISSING ? "missing" : "damaged";
    }

    /** True when it is new. */
    private boolean remember(String object, Kind kind) {
        return objects.size() < OBJECTS_MAX && objects.putIfAbsent(object, kind) == null;
    }

    private boolean mayTell() {
        long now = clock.monotonicNanos();
        lines = Math.min(LINES_AT_ONCE, lines + (now - linesAtNanos) / (double) PAUSE.toNanos());
        linesAtNanos = now;
        if (lines < 1) {
            untold++;
            return false;
        }
        lines--;
        told++;
        return true;
    }

    /** Lines logged so far. */
    synchronized long lines() {
        return told;
    }

    private String others() {
        String text = untold == 0 ? "" : " (and " + untold + " more objects since the line before)";
        untold = 0;
        return text;
    }

    synchronized VolumeStatus.Damage figures() {
        long missing =
                objects.values().stream().filter(kind -> kind == Kind.MISSING).count();
        List<String> shown = new ArrayList<>();
        for (Map.Entry<String, Kind> object : objects.entrySet()) {
            if (shown.size() == SHOWN_MAX) {
                break;
            }
            shown.add(object.getKey() + " is " + text(object.getValue()));
        }
        return new VolumeStatus.Damage(failedReads, missing, objects.size() - missing, shown);
    }
}
