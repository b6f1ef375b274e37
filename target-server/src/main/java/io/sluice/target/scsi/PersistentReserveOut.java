package io.sluice.target.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PERSISTENT RESERVE OUT (SPC-4 section 6.16): decodes the parameter list, has {@link Reservations} make the step, tells
 * and aborts whom it concerns, then ends the command.
 *
 * <pre>
 * basic (24 bytes)                             REGISTER AND MOVE
 *  0  RESERVATION KEY                           0  RESERVATION KEY
 *  8  SERVICE ACTION RESERVATION KEY            8  SERVICE ACTION RESERVATION KEY
 * 20  SPEC_I_PT(3) ALL_TG_PT(2) APTPL(0)       17  UNREG(1) APTPL(0)
 * 24  TransportID list length (SPEC_I_PT)      18  RELATIVE TARGET PORT IDENTIFIER
 * 28  TransportIDs                             20  TransportID length, 24 TransportID
 * </pre>
 */
public final class PersistentReserveOut {
    private static final Logger LOG = LoggerFactory.getLogger(PersistentReserveOut.class);
    private static final int BASIC_BYTES = 24;
    private static final int LIST_BYTES_MAX = 64 * 1024;
    private static final int SPEC_I_PT = 0x08;
    private static final int ALL_TG_PT = 0x04;
    private static final int APTPL = 0x01;
    private static final int UNREG = 0x02;
    private static final int SCOPE_MASK = 0xF0;

    /** What stands against the parameter list. */
    private static final class WrongList extends Exception {
        private static final long serialVersionUID = 1L;
        private final SenseCode code;

        WrongList(SenseCode code) {
            super(code.name());
            this.code = code;
        }
    }

    public void execute(Command command) {
        ReservationRequest.Action action = ReservationRequest.Action.of(command.cdb()[1] & 0x1F);
        if (action == null) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        ReservationRequest request;
        try {
            request = decode(command, action);
        } catch (WrongList e) {
            command.fail(e.code);
            return;
        }
        command.unit().reservations().change(request, (transition, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "{}: {} was not carried out, reservations could not be saved: {}",
                        request.from(),
                        action,
                        failure.message());
                IoFailureSense.end(command, failure);
            } else {
                finish(command, request, transition);
            }
        });
    }

    private static void finish(Command command, ReservationRequest request, ReservationTransition transition) {
        SenseCode refusal = transition.refusal();
        if (transition.isConflict()) {
            command.end(ScsiStatus.RESERVATION_CONFLICT);
            return;
        }
        if (refusal != null) {
            command.fail(refusal);
            return;
        }
        DeviceServer unit = command.unit();
        Reservations reservations = unit.reservations();
        transition
                .attentions()
                .forEach((registrant, condition) ->
                        unit.raise(condition, nexus -> registrant.equals(reservations.registrant(nexus))));
        if (request.action() == ReservationRequest.Action.PREEMPT_AND_ABORT) {
            unit.abortTasks(
                    nexus -> transition.victims().contains(reservations.registrant(nexus)), command, command::good);
        } else {
            command.good();
        }
    }

    private static ReservationRequest decode(Command command, ReservationRequest.Action action) throws WrongList {
        byte[] list = list(command);
        boolean move = action == ReservationRequest.Action.REGISTER_AND_MOVE;
        int flags = CdbField.u8(list, move ? 17 : 20);
        boolean ports = !move && (flags & SPEC_I_PT) != 0;
        if (ports && action != ReservationRequest.Action.REGISTER) {
            throw new WrongList(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        }
        if (!ports && !move && list.length != BASIC_BYTES) {
            throw new WrongList(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        }
        boolean durable = registers(action) && (flags & APTPL) != 0;
        Reservations reservations = command.unit().reservations();
        if (durable && !reservations.isDurable()) {
            throw new WrongList(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        }
        NexusIdentity from = reservations.registrant(command.initiator());
        boolean everyPort = registers(action) && !move && (flags & ALL_TG_PT) != 0;
        return new ReservationRequest(
                action,
                from,
                CdbField.u64(list, 0),
                CdbField.u64(list, 8),
                type(command.cdb()),
                registrants(command, from, ports ? specified(command, from, list) : List.of(), everyPort),
                ports,
                durable,
                move ? destination(command, from, list) : null,
                move && (flags & UNREG) != 0);
    }

    /** Only the logical unit is a scope. Registrations, CLEAR and REGISTER AND MOVE ignore both fields. */
    private static @Nullable ReservationType type(byte[] cdb) {
        return CdbField.bit(cdb, 2, SCOPE_MASK) ? null : ReservationType.of(cdb[2] & 0x0F);
    }

    private static boolean registers(ReservationRequest.Action action) {
        return switch (action) {
            case REGISTER, REGISTER_AND_IGNORE_EXISTING_KEY, REGISTER_AND_MOVE -> true;
            case RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT -> false;
        };
    }

    private static byte[] list(Command command) throws WrongList {
        long length = CdbField.u32(command.cdb(), 5);
        ByteBuffer data = command.dataOut();
        if (length < BASIC_BYTES || length > LIST_BYTES_MAX || data.remaining() < length) {
            throw new WrongList(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        }
        byte[] list = new byte[(int) length];
        data.get(data.position(), list);
        return list;
    }

    /** The nexus itself and the specified ones; with ALL_TG_PT through every target port. */
    private static List<NexusIdentity> registrants(
            Command command, NexusIdentity from, List<NexusIdentity> specified, boolean everyPort) {
        Set<NexusIdentity> registrants = new LinkedHashSet<>();
        registrants.add(from);
        registrants.addAll(specified);
        if (everyPort) {
            for (NexusIdentity each : List.copyOf(registrants)) {
                for (int tag : command.target().portalGroupTags()) {
                    registrants.add(new NexusIdentity(each.initiatorName(), each.isid(), each.targetName(), tag));
                }
            }
        }
        return List.copyOf(registrants);
    }

    private static List<NexusIdentity> specified(Command command, NexusIdentity from, byte[] list) throws WrongList {
        if (list.length < BASIC_BYTES + 4 || CdbField.u32(list, BASIC_BYTES) != list.length - BASIC_BYTES - 4) {
            throw new WrongList(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        }
        List<NexusIdentity> specified = new ArrayList<>();
        int at = BASIC_BYTES + 4;
        while (at < list.length) {
            int length = TransportId.length(list, at, list.length);
            specified.add(decodeId(command, from, list, at, length, from.portalGroupTag()));
            at += length;
        }
        return specified;
    }

    private static NexusIdentity destination(Command command, NexusIdentity from, byte[] list) throws WrongList {
        int tag = CdbField.u16(list, 18);
        if (CdbField.u32(list, 20) != list.length - BASIC_BYTES) {
            throw new WrongList(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        }
        if (!command.target().portalGroupTags().contains(tag)) {
            throw new WrongList(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        }
        return decodeId(command, from, list, BASIC_BYTES, TransportId.length(list, BASIC_BYTES, list.length), tag);
    }

    private static NexusIdentity decodeId(Command command, NexusIdentity from, byte[] list, int at, int length, int tag)
            throws WrongList {
        Reservations reservations = command.unit().reservations();
        @Nullable
        NexusIdentity nexus = length < 0
                ? null
                : TransportId.decode(list, at, length, from.targetName(), tag, !reservations.ignoresIsid());
        if (nexus == null) {
            throw new WrongList(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        }
        return reservations.registrant(nexus);
    }
}
