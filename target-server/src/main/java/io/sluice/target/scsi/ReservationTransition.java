package io.sluice.target.scsi;

import io.sluice.storage.volume.Volume;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One PERSISTENT RESERVE OUT as a step from one {@link ReservationState} to the next (SPC-4 sections 5.13.7-5.13.11): who
 * is told what, whose tasks are aborted, or why it is refused. Has no effect of its own.
 *
 * <p>APTPL is that of the latest command that registered a key (5.13.5). One that only takes a registration away leaves
 * it as it is, whatever its bit says: a host that goes must not make volatile what the others wanted durable.
 */
final class ReservationTransition {
    /** What is encoded must fit into its store, too, so with long names there are fewer. */
    static final int REGISTRANTS_MAX = 2048;

    private final ReservationState before;
    private final ReservationRequest request;
    private final Map<NexusIdentity, Long> keys;
    private final Map<NexusIdentity, SenseCode> attentions = new LinkedHashMap<>();
    private final Set<NexusIdentity> victims = new LinkedHashSet<>();
    private @Nullable ReservationType type;
    private @Nullable NexusIdentity holder;
    private long generation;
    private boolean throughPowerLoss;
    private boolean conflict;
    private @Nullable SenseCode refusal;

    private ReservationTransition(ReservationState before, ReservationRequest request) {
        this.before = before;
        this.request = request;
        this.keys = new LinkedHashMap<>(before.keys());
        this.type = before.type();
        this.holder = before.holder();
        this.generation = before.generation();
        this.throughPowerLoss = before.throughPowerLoss();
    }

    static ReservationTransition of(ReservationState before, ReservationRequest request) {
        ReservationTransition transition = new ReservationTransition(before, request);
        switch (request.action()) {
            case REGISTER -> transition.register(false);
            case REGISTER_AND_IGNORE_EXISTING_KEY -> transition.register(true);
            case RESERVE -> transition.reserve();
            case RELEASE -> transition.release();
            case CLEAR -> transition.clear();
            case PREEMPT, PREEMPT_AND_ABORT -> transition.preempt();
            case REGISTER_AND_MOVE -> transition.move();
        }
        return transition;
    }

    /** A request that conflicts with RESERVE. */
    static ReservationTransition conflict(ReservationState before, ReservationRequest request) {
        ReservationTransition transition = new ReservationTransition(before, request);
        transition.conflict = true;
        return transition;
    }

    /** RESERVATION CONFLICT is the answer. */
    boolean isConflict() {
        return conflict;
    }

    /** The sense of a CHECK CONDITION, null when it is none. */
    @Nullable
    SenseCode refusal() {
        return refusal;
    }

    /** The state after the step; that before it when it is a conflict or refused. */
    ReservationState after() {
        if (conflict || refusal != null) {
            return before;
        }
        return new ReservationState(generation & 0xFFFF_FFFFL, keys, type, holder, throughPowerLoss);
    }

    /** Unit attentions to raise. */
    Map<NexusIdentity, SenseCode> attentions() {
        return attentions;
    }

    /** Whose registration was preempted. */
    Set<NexusIdentity> victims() {
        return victims;
    }

    /** SPC-4 section 5.13.7, tables 46 and 47. */
    private void register(boolean ignoreKey) {
        boolean registered = keys.containsKey(request.from());
        if (!ignoreKey && (request.key() != keyOf(request.from()) || anotherPortHasAnotherKey())) {
            conflict = true;
        } else if (request.specifiesPorts() && registered) {
            refusal = SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
        } else if (request.newKey() == 0) {
            unregister();
        } else if (request.specifiesPorts() && request.registrants().stream().anyMatch(keys::containsKey)) {
            refusal = SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
        } else {
            request.registrants().forEach(registrant -> keys.put(registrant, request.newKey()));
            registered();
        }
    }

    private long keyOf(NexusIdentity registrant) {
        Long key = keys.get(registrant);
        return key == null ? 0 : key;
    }

    /**
     * ALL_TG_PT is as if the command had come through each target port: it conflicts when one knows the initiator under
     * another key. A port that does not know it yet is no reason to refuse the others.
     */
    private boolean anotherPortHasAnotherKey() {
        return !request.specifiesPorts()
                && request.registrants().stream()
                        .anyMatch(registrant -> keyOf(registrant) != 0 && keyOf(registrant) != request.key());
    }

    /** Something was registered: is there room for it? */
    private void registered() {
        generation++;
        throughPowerLoss = request.throughPowerLoss();
        ReservationState grown = after();
        if (keys.size() > before.keys().size()
                && (keys.size() > REGISTRANTS_MAX
                        || ReservationStateCodec.encodedBytes(grown) > Volume.RESERVATIONS_BYTES_MAX)) {
            refusal = SenseCode.INSUFFICIENT_REGISTRATION_RESOURCES;
        }
    }

    /** SPC-4 section 5.13.11.3; nothing happens when there is nothing to take away. */
    private void unregister() {
        boolean anything = false;
        for (NexusIdentity registrant : request.registrants()) {
            anything |= keys.remove(registrant) != null;
        }
        if (!anything) {
            return;
        }
        generation++;
        ReservationType current = type;
        boolean ends = holder == null ? keys.isEmpty() : !keys.containsKey(holder);
        if (current != null && ends) {
            endReservation();
            if (current.isRegistrantsOnly()) {
                tellOthers(SenseCode.RESERVATIONS_RELEASED);
            }
        }
    }

    private void endReservation() {
        type = null;
        holder = null;
    }

    private void tellOthers(SenseCode condition) {
        for (NexusIdentity registrant : keys.keySet()) {
            if (!registrant.equals(request.from())) {
                attentions.putIfAbsent(registrant, condition);
            }
        }
    }

    /** Registered with the right key, as all but the registrations demand. */
    private boolean holdsKey() {
        Long current = keys.get(request.from());
        conflict = current == null || current != request.key();
        return !conflict;
    }

    private void reserve() {
        if (!holdsKey()) {
            return;
        }
        ReservationType wanted = request.type();
        if (wanted == null) {
            refusal = SenseCode.INVALID_FIELD_IN_CDB;
        } else if (type == null) {
            establish(wanted);
        } else {
            conflict = type != wanted || !before.isHolder(request.from());
        }
    }

    private void establish(ReservationType wanted) {
        type = wanted;
        holder = wanted.isAllRegistrants() ? null : request.from();
    }

    private void release() {
        if (!holdsKey() || !before.isHolder(request.from())) {
            return;
        }
        ReservationType held = before.type();
        if (held == null || held != request.type()) {
            refusal = SenseCode.INVALID_RELEASE_OF_PERSISTENT_RESERVATION;
            return;
        }
        endReservation();
        if (held.isRegistrantsOnly() || held.isAllRegistrants()) {
            tellOthers(SenseCode.RESERVATIONS_RELEASED);
        }
    }

    private void clear() {
        if (!holdsKey()) {
            return;
        }
        generation++;
        tellOthers(SenseCode.RESERVATIONS_PREEMPTED);
        keys.clear();
        endReservation();
    }

    private void preempt() {
        if (!holdsKey()) {
            return;
        }
        boolean all = type != null && type.isAllRegistrants();
        boolean takesReservation = type != null && (all ? request.newKey() == 0 : request.newKey() == holderKey());
        if (takesReservation) {
            takeReservation(all);
        } else if (request.newKey() == 0) {
            refusal = SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
        } else {
            removeRegistrations();
        }
    }

    private long holderKey() {
        return before.holderKey();
    }

    private void takeReservation(boolean all) {
        ReservationType wanted = request.type();
        if (wanted == null) {
            refusal = SenseCode.INVALID_FIELD_IN_CDB;
            return;
        }
        generation++;
        ReservationType old = type;
        for (Map.Entry<NexusIdentity, Long> each : before.keys().entrySet()) {
            boolean named = all || each.getValue() == request.newKey();
            if (named && !each.getKey().equals(request.from())) {
                removePreempted(each.getKey());
            }
        }
        establish(wanted);
        if (old != wanted) {
            tellOthers(SenseCode.RESERVATIONS_RELEASED);
        }
    }

    private void removeRegistrations() {
        boolean found = false;
        for (Map.Entry<NexusIdentity, Long> each : before.keys().entrySet()) {
            if (each.getValue() == request.newKey()) {
                removePreempted(each.getKey());
                found = true;
            }
        }
        conflict = !found;
        generation++;
        if (keys.isEmpty()) {
            endReservation();
        }
    }

    private void removePreempted(NexusIdentity victim) {
        keys.remove(victim);
        if (!victim.equals(request.from())) {
            victims.add(victim);
            attentions.put(victim, SenseCode.REGISTRATIONS_PREEMPTED);
        }
    }

    /** SPC-4 section 5.13.9. */
    private void move() {
        if (!holdsKey()) {
            return;
        }
        NexusIdentity destination = request.destination();
        if (type == null) {
            refusal = SenseCode.INVALID_FIELD_IN_CDB;
        } else if (type.isAllRegistrants() || !request.from().equals(holder)) {
            conflict = true;
        } else if (destination == null || isOwnPort(destination) || request.newKey() == 0) {
            refusal = SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
        } else {
            keys.put(destination, request.newKey());
            holder = destination;
            if (request.unregister()) {
                keys.remove(request.from());
            }
            registered();
        }
    }

    private boolean isOwnPort(NexusIdentity destination) {
        return destination.initiatorName().equals(request.from().initiatorName())
                && destination.isid() == request.from().isid();
    }
}
