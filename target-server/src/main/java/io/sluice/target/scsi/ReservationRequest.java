package io.sluice.target.scsi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A PERSISTENT RESERVE OUT command, decoded.
 *
 * @param action the service action
 * @param from the nexus it came through
 * @param key RESERVATION KEY
 * @param newKey SERVICE ACTION RESERVATION KEY
 * @param type null when the code has no meaning or the scope is not the logical unit
 * @param registrants the nexuses a registration is for: {@code from} and what SPEC_I_PT and ALL_TG_PT add
 * @param specifiesPorts SPEC_I_PT
 * @param throughPowerLoss APTPL
 * @param destination of REGISTER AND MOVE
 * @param unregister UNREG of REGISTER AND MOVE
 */
record ReservationRequest(
        Action action,
        NexusIdentity from,
        long key,
        long newKey,
        @Nullable ReservationType type,
        List<NexusIdentity> registrants,
        boolean specifiesPorts,
        boolean throughPowerLoss,
        @Nullable NexusIdentity destination,
        boolean unregister) {
    /** Service actions in the order of their codes. */
    enum Action {
        REGISTER,
        RESERVE,
        RELEASE,
        CLEAR,
        PREEMPT,
        PREEMPT_AND_ABORT,
        REGISTER_AND_IGNORE_EXISTING_KEY,
        REGISTER_AND_MOVE;

        static @Nullable Action of(int code) {
            return code < values().length ? values()[code] : null;
        }
    }
}
