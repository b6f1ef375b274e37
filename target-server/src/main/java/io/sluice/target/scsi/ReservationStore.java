package io.sluice.target.scsi;

import java.util.concurrent.CompletableFuture;

/** Where persistent reservations survive power loss (APTPL): with the volume. */
public interface ReservationStore {
    /** Keeps nothing: APTPL is refused. */
    ReservationStore NOWHERE = new ReservationStore() {
        @Override
        public boolean isDurable() {
            return false;
        }

        @Override
        public ReservationState load() {
            return ReservationState.NONE;
        }

        @Override
        public CompletableFuture<Void> save(ReservationState state) {
            return CompletableFuture.completedFuture(null);
        }
    };

    /** Whether {@link #save} outlives the process: PTPL_C. */
    boolean isDurable();

    /** The state of before, {@link ReservationState#NONE} when there is none; called once, before the first command. */
    ReservationState load();

    /**
     * Keeps the state; completes when it is safe. Must not block. Calls come one at a time, and a later state replaces an
     * earlier one whatever completes first.
     */
    CompletableFuture<Void> save(ReservationState state);
}
