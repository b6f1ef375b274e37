package io.sluice.target.scsi;

import io.sluice.storage.volume.IoFailure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what at a logical unit: RESERVE (SPC-2 section 7.21) and persistent reservations (SPC-4 section 5.13).
 * Thread-safe; the question that every command asks takes no lock.
 *
 * <pre>
 *                      no power loss to survive
 *   change() ─▶ step ──────────────────────────────────────▶ in force, told
 *                │                              saved           ▲
 *                └──▶ waiting ──▶ saving ───────────────────────┘
 *                        │           │ failed
 *                        └───────────┴──▶ told the failure, as if it had never been
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A nexus holds RESERVE only while nobody is registered and no step waits.
 *   <li>A step stands on the outcome of the one before it, in the order of arrival, also while that one waits. So a
 *       verdict (conflict, refusal) waits with the steps that it rests on.
 *   <li>A state that survives power loss, or replaces one that does, comes into force when it is saved. Until then the
 *       state before it is in force, and answers.
 *   <li>At most one save is under way. It is of the newest step and so of all that waited when it began: a crowd of hosts
 *       that register at once costs two saves, not one each.
 *   <li>When a save fails, its steps and all that stand on them fail.
 * </ol>
 */
public final class Reservations {
    private static final long ANY_ISID = 0;

    private final ReservationStore store;
    private final boolean ignoresIsid;
    private volatile @Nullable NexusIdentity reservedBy;
    private volatile ReservationState state;
    private ReservationState newest;
    private List<ReservationStep> waiting = new ArrayList<>();
    private List<ReservationStep> saving = List.of();

    Reservations(ReservationStore store, boolean ignoresIsid) {
        this.store = store;
        this.ignoresIsid = ignoresIsid;
        ReservationState loaded = store.load();
        this.state = ignoresIsid ? loaded.renamed(this::registrant) : loaded;
        this.newest = state;
    }

    /** Told what became of a PERSISTENT RESERVE OUT, on any thread. */
    @FunctionalInterface
    interface Outcome {
        /** {@code failure} is null unless the step could not be saved: then nothing has changed. */
        void ended(ReservationTransition transition, @Nullable IoFailure failure);
    }

    /** A step that was made; {@code after} is the state before when it was refused. */
    private record ReservationStep(ReservationTransition transition, ReservationState after, Outcome outcome) {}

    /** Registrations know initiators by their name alone. */
    boolean ignoresIsid() {
        return ignoresIsid;
    }

    /** The nexus as registrations know it. */
    NexusIdentity registrant(NexusIdentity nexus) {
        return ignoresIsid
                ? new NexusIdentity(nexus.initiatorName(), ANY_ISID, nexus.targetName(), nexus.portalGroupTag())
                : nexus;
    }

    /** Whether a command of this class may pass. */
    boolean allow(NexusIdentity nexus, ReservationClass reservationClass) {
        NexusIdentity holder = reservedBy;
        if (holder != null && !reservationClass.allowedUnderReserve(holder.equals(nexus))) {
            return false;
        }
        ReservationState current = state;
        return current.type() == null || current.allow(registrant(nexus), reservationClass);
    }

    /** RESERVE: false for RESERVATION CONFLICT. */
    public synchronized boolean reserve(NexusIdentity nexus) {
        if (isPersistent()) {
            return isCompatible(nexus);
        }
        NexusIdentity holder = reservedBy;
        if (holder != null && !holder.equals(nexus)) {
            return false;
        }
        reservedBy = nexus;
        return true;
    }

    /** RELEASE: of another nexus it has no effect. False for RESERVATION CONFLICT. */
    public synchronized boolean release(NexusIdentity nexus) {
        if (isPersistent()) {
            return isCompatible(nexus);
        }
        nexusLost(nexus);
        return true;
    }

    /** Somebody is registered, or about to be: RESERVE and RELEASE have no say (SPC-2 section 5.5.1). */
    private boolean isPersistent() {
        return !state.keys().isEmpty() || !newest.keys().isEmpty() || !saving.isEmpty();
    }

    /** CRH (SPC-4 section 5.13.3): who may use the unit anyway is told GOOD, and nothing changes. */
    private boolean isCompatible(NexusIdentity nexus) {
        ReservationState current = state;
        NexusIdentity registrant = registrant(nexus);
        ReservationType type = current.type();
        return type != null
                && (current.isHolder(registrant) || (type.isRegistrantsOnly() && current.isRegistered(registrant)));
    }

    /** The persistent reservations in force. */
    public ReservationState state() {
        return state;
    }

    /** PTPL_C: whether APTPL can be honoured. */
    boolean isDurable() {
        return store.isDurable();
    }

    /** Carries out PERSISTENT RESERVE OUT. */
    void change(ReservationRequest request, Outcome outcome) {
        ReservationStep step;
        boolean isInForce;
        boolean savesNow;
        synchronized (this) {
            step = stepFrom(newest, request, outcome);
            newest = step.after;
            isInForce = saving.isEmpty() && !mustSave(newest);
            savesNow = saving.isEmpty() && !isInForce;
            if (isInForce) {
                state = newest;
            } else {
                waiting.add(step);
            }
            if (savesNow) {
                saveWaiting();
            }
        }
        if (isInForce) {
            step.outcome.ended(step.transition, null);
        } else if (savesNow) {
            save();
        }
    }

    private ReservationStep stepFrom(ReservationState before, ReservationRequest request, Outcome outcome) {
        ReservationTransition transition = reservedBy == null
                ? ReservationTransition.of(before, request)
                : ReservationTransition.conflict(before, request);
        return new ReservationStep(transition, transition.after(), outcome);
    }

    private boolean mustSave(ReservationState after) {
        return (state.throughPowerLoss() || after.throughPowerLoss()) && !after.equals(state);
    }

    private void saveWaiting() {
        saving = waiting;
        waiting = new ArrayList<>();
    }

    private void save() {
        ReservationState wanted;
        synchronized (this) {
            wanted = saving.get(saving.size() - 1).after;
        }
        store.save(wanted, this::saved);
    }

    private void saved(@Nullable IoFailure failure) {
        List<ReservationStep> ended;
        boolean savesMore;
        synchronized (this) {
            ended = new ArrayList<>(saving);
            saving = List.of();
            if (failure == null) {
                state = ended.get(ended.size() - 1).after;
            } else {
                newest = state;
            }
            savesMore = failure == null && mustSave(newest);
            if (savesMore) {
                saveWaiting();
            } else {
                ended.addAll(waiting);
                waiting.clear();
                state = newest;
            }
        }
        for (ReservationStep step : ended) {
            step.outcome.ended(step.transition, failure);
        }
        if (savesMore) {
            save();
        }
    }

    /** RESERVE ends with its nexus; registrations stay. */
    synchronized void nexusLost(NexusIdentity nexus) {
        if (nexus.equals(reservedBy)) {
            reservedBy = null;
        }
    }

    /** Logical unit reset ends RESERVE; persistent reservations stay. */
    synchronized void reset() {
        reservedBy = null;
    }
}
