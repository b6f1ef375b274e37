package io.sluice.target.scsi;

import java.util.Map;

/** PERSISTENT RESERVE IN (SPC-4 section 6.15). Answered from one state, without any lock. */
public final class PersistentReserveIn {
    /** CRH, SIP_C, ATP_C; PTPL_C is added when reservations can be kept. */
    private static final int CAPABILITIES = 0x1C;

    private static final int PTPL_C = 0x01;
    private static final int TMV = 0x80;

    /**
     * ALLOW COMMANDS 101b: TEST UNIT READY and the REPORT SUPPORTED commands pass any type, MODE SENSE and RECEIVE COPY
     * RESULTS pass the Write Exclusive ones, as {@link ReservationClass} has it.
     */
    private static final int ALLOW_COMMANDS = 5 << 4;

    private static final int TYPE_MASK = 0xEA01;
    private static final int R_HOLDER = 0x01;

    /** READ KEYS. */
    public void readKeys(Command command) {
        ReservationState state = command.unit().reservations().state();
        ParameterData data = new ParameterData().u32(state.generation());
        data.u32(state.keys().size() * 8L);
        state.keys().values().forEach(data::u64);
        reply(command, data);
    }

    /** READ RESERVATION. */
    public void readReservation(Command command) {
        ReservationState state = command.unit().reservations().state();
        ParameterData data = new ParameterData().u32(state.generation());
        ReservationType type = state.type();
        if (type == null) {
            data.u32(0);
        } else {
            data.u32(16).u64(state.holderKey()).u32(0).u8(0).u8(type.code()).u16(0);
        }
        reply(command, data);
    }

    /** REPORT CAPABILITIES. */
    public void reportCapabilities(Command command) {
        Reservations reservations = command.unit().reservations();
        int active = reservations.state().throughPowerLoss() ? 1 : 0;
        ParameterData data = new ParameterData()
                .u16(8)
                .u8(CAPABILITIES | (reservations.isDurable() ? PTPL_C : 0))
                .u8(TMV | ALLOW_COMMANDS | active)
                .u16(TYPE_MASK)
                .u16(0);
        reply(command, data);
    }

    /** READ FULL STATUS. */
    public void readFullStatus(Command command) {
        Reservations reservations = command.unit().reservations();
        ReservationState state = reservations.state();
        ParameterData data = new ParameterData().u32(state.generation()).u32(0);
        for (Map.Entry<NexusIdentity, Long> each : state.keys().entrySet()) {
            NexusIdentity nexus = each.getKey();
            ReservationType type = state.type();
            boolean holds = type != null && state.isHolder(nexus);
            data.u64(each.getValue()).u32(0);
            data.u8(holds ? R_HOLDER : 0).u8(holds && type != null ? type.code() : 0);
            data.u32(0).u16(nexus.portalGroupTag());
            byte[] id = TransportId.encode(nexus, !reservations.ignoresIsid());
            data.u32(id.length).bytes(id);
        }
        reply(command, data.setU32(4, data.length() - 8L));
    }

    private static void reply(Command command, ParameterData data) {
        command.reply(data, CdbField.u16(command.cdb(), 7));
    }
}
