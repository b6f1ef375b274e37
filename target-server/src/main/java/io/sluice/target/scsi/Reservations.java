package io.sluice.target.scsi;

import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what at a logical unit: RESERVE (SPC-2 section 7.21) and persistent reservations (SPC-4 section 5.13).
 * Thread-safe; the question that every command asks takes no lock.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A nexus holds RESERVE only while nobody is registered.
 *   <li>A new state is in force before it is saved, and its command ends only after it is saved; when saving fails it
 *       is taken back.
 *   <li>States are saved in the order in which they came into force.
 * </ol>
 */
public final class Reservations {
    private static final long ANY_ISID = 0;

    private final ReservationStore store;
    private final boolean ignoresIsid;
    private volatile @Nullable NexusIdentity reservedBy;
    private volatile ReservationState state;

    Reservations(ReservationStore store, boolean ignoresIsid) {
        this.store = store;
        this.ignoresIsid = ignoresIsid;
        this.state = store.load();
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
        if (holder != null && !holder.equals(nexus) && !reservationClass.allowedUnderReserve()) {
            return false;
        }
        ReservationState current = state;
        return current.type() == null || current.allow(registrant(nexus), reservationClass);
    }

    /** RESERVE: true when the nexus holds the unit now. */
    public synchronized boolean reserve(NexusIdentity nexus) {
        NexusIdentity holder = reservedBy;
        if ((holder != null && !holder.equals(nexus)) || !state.keys().isEmpty()) {
            return false;
        }
        reservedBy = nexus;
        return true;
    }

    /** RELEASE: of another nexus it has no effect. */
    public synchronized void release(NexusIdentity nexus) {
        if (nexus.equals(reservedBy)) {
            reservedBy = null;
        }
    }

    /** The persistent reservations now. */
    public ReservationState state() {
        return state;
    }

    /** PTPL_C: whether APTPL can be honoured. */
    boolean isDurable() {
        return store.isDurable();
    }

    /**
     * Carries out PERSISTENT RESERVE OUT. {@code then} is told the transition, and what went wrong in saving it (null:
     * nothing), on any thread.
     */
    void change(ReservationRequest request, BiConsumer<ReservationTransition, @Nullable Throwable> then) {
        ReservationTransition transition;
        ReservationState before;
        CompletableFuture<Void> saved = CompletableFuture.completedFuture(null);
        synchronized (this) {
            before = state;
            transition = ReservationTransition.of(before, request);
            if (!transition.isConflict() && transition.refusal() == null) {
                state = transition.after();
                if (before.throughPowerLoss() || state.throughPowerLoss()) {
                    saved = store.save(state);
                }
            }
        }
        CompletableFuture<Void> unused = saved.whenComplete((nothing, failure) -> {
            if (failure != null) {
                takeBack(before, transition);
            }
            then.accept(transition, failure);
        });
    }

    /** The step was not kept and is not acknowledged: as if it had not been, unless another one stands on it. */
    private synchronized void takeBack(ReservationState before, ReservationTransition transition) {
        if (state.equals(transition.after())) {
            state = before;
        }
    }

    synchronized void nexusLost(NexusIdentity nexus) {
        release(nexus);
    }

    /** Logical unit reset ends RESERVE; persistent reservations stay. */
    synchronized void reset() {
        reservedBy = null;
    }
}
