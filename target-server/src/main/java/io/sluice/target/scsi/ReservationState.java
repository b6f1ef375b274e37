package io.sluice.target.scsi;

import io.sluice.storage.runtime.Invariant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The persistent reservations of a logical unit at one moment (SPC-4 section 5.13). Immutable.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A holder is registered.
 *   <li>There is a holder exactly when there is a type that is not for all registrants.
 *   <li>A type for all registrants stands only while there is a registrant.
 * </ol>
 *
 * @param generation PRGENERATION
 * @param keys the registrants with their keys, in the order of registration
 * @param type of the reservation, null when there is none
 * @param holder of the reservation, null when there is none or every registrant holds it
 * @param throughPowerLoss APTPL: the latest registration wants all of this to survive power loss
 */
public record ReservationState(
        long generation,
        Map<NexusIdentity, Long> keys,
        @Nullable ReservationType type,
        @Nullable NexusIdentity holder,
        boolean throughPowerLoss) {
    /** Nobody is registered. */
    public static final ReservationState NONE = new ReservationState(0, Map.of(), null, null, false);

    /** Checks the invariants and copies the map. */
    public ReservationState {
        keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
        Invariant.check(holder == null || keys.containsKey(holder), "a reservation's holder is registered");
        Invariant.check((holder != null) == (type != null && !type.isAllRegistrants()), "holder and type agree");
        Invariant.check(type == null || !keys.isEmpty(), "a reservation has a registrant");
    }

    public boolean isRegistered(NexusIdentity nexus) {
        return keys.containsKey(nexus);
    }

    /** Whether this nexus, perhaps with others, holds the reservation. */
    public boolean isHolder(NexusIdentity nexus) {
        ReservationType current = type;
        if (current == null) {
            return false;
        }
        return current.isAllRegistrants() ? isRegistered(nexus) : nexus.equals(holder);
    }

    /** The key that READ RESERVATION shows: zero for all registrants. */
    public long holderKey() {
        Long key = holder == null ? null : keys.get(holder);
        return key == null ? 0 : key;
    }

    /** The same with the registrants under other names; of those that get the same name the first counts. */
    ReservationState renamed(UnaryOperator<NexusIdentity> names) {
        Map<NexusIdentity, Long> renamed = new LinkedHashMap<>();
        keys.forEach((nexus, key) -> renamed.putIfAbsent(names.apply(nexus), key));
        return new ReservationState(
                generation, renamed, type, holder == null ? null : names.apply(holder), throughPowerLoss);
    }

    /** Whether a command of this class may pass. */
    boolean allow(NexusIdentity nexus, ReservationClass reservationClass) {
        ReservationType current = type;
        if (current == null || isHolder(nexus) || (current.isRegistrantsOnly() && isRegistered(nexus))) {
            return true;
        }
        return current.isExclusiveAccess()
                ? reservationClass.allowedUnderExclusiveAccess()
                : reservationClass.allowedUnderWriteExclusive();
    }
}
