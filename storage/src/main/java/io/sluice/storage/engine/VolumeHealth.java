package io.sluice.storage.engine;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumeStatus;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a volume takes operations.
 *
 * <pre>
 *   OPEN ──close()──▶ CLOSING ──▶ CLOSED
 *     │                  │
 *     ├──fenced()────────┴──▶ FENCED   another gateway owns the volume: nothing is written any more
 *     └──failed()───────────▶ FAILED   a broken invariant or a local disk that cannot be trusted
 * </pre>
 *
 * CLOSED, FENCED and FAILED are final. "Degraded" (the bucket cannot be reached) is no state of its own: the volume is open.
 * Thread-safe.
 */
final class VolumeHealth {
    private static final Logger log = LoggerFactory.getLogger(VolumeHealth.class);

    /** See the class. */
    enum State {
        OPEN,
        CLOSING,
        CLOSED,
        FENCED,
        FAILED
    }

    private record Condition(State state, @Nullable IoFailure refusal) {}

    private final String volumeName;
    private final String journalPlace;
    private final DamageLog damage;
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private volatile Condition condition = new Condition(State.OPEN, null);
    private volatile @Nullable String degradedBecause;
    private volatile Runnable onStop = () -> {};

    /** {@code journalPlace}: where the journal is, for people. */
    VolumeHealth(String volumeName, String journalPlace, EngineClock clock) {
        this.volumeName = volumeName;
        this.journalPlace = journalPlace;
        this.damage = new DamageLog(volumeName, clock);
    }

    /** What was found damaged in the bucket. */
    DamageLog damage() {
        return damage;
    }

    /** Something that an operator should know as long as the volume is open. */
    void warn(String what) {
        warnings.add(what);
    }

    /** For {@code sluice status}. */
    VolumeStatus.Condition conditions() {
        IoFailure over = stopReason();
        String degraded = degradedBecause;
        String reason = over != null ? over.message() : degraded == null ? "" : degraded;
        return new VolumeStatus.Condition(reason, warnings, damage.figures());
    }

    /** Runs {@code task} when the volume is fenced or has failed; at once when that has happened already. */
    void whenStopped(Runnable task) {
        onStop = task;
        if (isStopped()) {
            task.run();
        }
    }

    /** Fenced or failed: nothing is written any more. */
    boolean isStopped() {
        State now = state();
        return now == State.FENCED || now == State.FAILED;
    }

    /** Null when operations may begin, else how they end. */
    @Nullable
    IoFailure refusal() {
        return condition.refusal;
    }

    State state() {
        return condition.state;
    }

    /** Why nothing can go on any more: fenced, failed or closed; null while what has begun may still end. */
    @Nullable
    IoFailure stopReason() {
        Condition now = condition;
        return now.state == State.OPEN || now.state == State.CLOSING ? null : now.refusal;
    }

    /** For {@code sluice status}. */
    String describe() {
        State now = state();
        return now == State.OPEN && degradedBecause != null
                ? "degraded"
                : now.name().toLowerCase(java.util.Locale.ROOT);
    }

    /** True when this call began the closing. */
    boolean closing() {
        return move(State.OPEN, State.CLOSING, IoFailure.of(IoFailure.Kind.CLOSED, "the volume is closing"));
    }

    void closed() {
        move(State.CLOSING, State.CLOSED, IoFailure.of(IoFailure.Kind.CLOSED, "the volume is closed"));
    }

    /** Another gateway opened the volume in {@code newer}, an epoch behind {@code ours}. */
    void superseded(long newer, long ours) {
        fenced("another gateway owns the volume since epoch " + newer + " (we are epoch " + ours + ")");
    }

    void fenced(String why) {
        String told =
                why + "; what hosts were told here to be written and is not in the bucket stays in the journal in "
                        + journalPlace + ", and the next opening from there keeps it aside and says where";
        if (end(State.FENCED, IoFailure.of(IoFailure.Kind.FENCED, told))) {
            log.error("volume {}: fenced, it is not served here any more: {}", volumeName, told);
            onStop.run();
        }
    }

    void failed(String why, @Nullable Throwable cause) {
        if (end(State.FAILED, IoFailure.of(IoFailure.Kind.CLOSED, why))) {
            log.error("volume {}: stopped: {}", volumeName, why, cause);
            onStop.run();
        }
    }

    /** The bucket does not take or give data for now. */
    void degraded(String why) {
        if (degradedBecause == null) {
            log.warn("volume {}: the bucket cannot be reached, writes go to the journal: {}", volumeName, why);
        }
        degradedBecause = why;
    }

    void recovered() {
        if (degradedBecause != null) {
            degradedBecause = null;
            log.info("volume {}: the bucket can be reached again", volumeName);
        }
    }

    boolean isDegraded() {
        return degradedBecause != null;
    }

    private synchronized boolean move(State from, State to, IoFailure refusal) {
        if (condition.state != from) {
            return false;
        }
        condition = new Condition(to, refusal);
        return true;
    }

    private synchronized boolean end(State to, IoFailure refusal) {
        if (condition.state != State.OPEN && condition.state != State.CLOSING) {
            return false;
        }
        condition = new Condition(to, refusal);
        return true;
    }
}
