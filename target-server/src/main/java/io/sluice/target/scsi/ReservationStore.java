package io.sluice.target.scsi;

import io.sluice.storage.volume.IoCompletion;

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
        public void save(ReservationState state, IoCompletion done) {
            done.complete(null);
        }
    };

    /** Whether {@link #save} outlives the process: PTPL_C. */
    boolean isDurable();

    /** The state of before, {@link ReservationState#NONE} when there is none; called once, before the first command. */
    ReservationState load();

    /**
     * Keeps what survives power loss of the state: all of it with APTPL, nothing without. Calls come one at a time. Must
     * not block; ends in bounded time, on any thread, also before it returns. After a failure the state of the last
     * success counts.
     */
    void save(ReservationState state, IoCompletion done);
}
