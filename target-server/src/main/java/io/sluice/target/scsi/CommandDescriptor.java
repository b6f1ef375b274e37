package io.sluice.target.scsi;

import java.util.HexFormat;

/**
 * One row of the command table: everything about a command that is not its execution.
 *
 * @param opcode operation code
 * @param serviceAction {@link #NO_SERVICE_ACTION} for a command without
 * @param name the standard's
 * @param usage CDB usage data (SPC-4 section 6.30.3): a bit is set where the device server looks; its length is that of
 *     the CDB
 * @param allowedWithUnitAttention executed, and the condition kept, while a unit attention is pending
 * @param reservationClass the row of the conflict table
 * @param dataOut what the CDB wants from the initiator
 * @param dataIn what it gives at most
 * @param handler executes it
 */
public record CommandDescriptor(
        int opcode,
        int serviceAction,
        String name,
        byte[] usage,
        boolean allowedWithUnitAttention,
        ReservationClass reservationClass,
        DataLength dataOut,
        DataLength dataIn,
        CommandHandler handler) {
    /** The command is named by its operation code alone. */
    public static final int NO_SERVICE_ACTION = -1;

    /** A row without data; {@code usage} in hexadecimal, spaces allowed, its first byte the operation code. */
    public static CommandDescriptor of(
            String name, String usage, ReservationClass reservationClass, CommandHandler handler) {
        byte[] bytes = HexFormat.of().parseHex(usage.replace(" ", ""));
        return new CommandDescriptor(
                bytes[0] & 0xFF,
                NO_SERVICE_ACTION,
                name,
                bytes,
                false,
                reservationClass,
                DataLength.NONE,
                DataLength.NONE,
                handler);
    }

    /** The same row for one service action of the operation code. */
    public CommandDescriptor serviceAction(int action) {
        return new CommandDescriptor(
                opcode, action, name, usage, allowedWithUnitAttention, reservationClass, dataOut, dataIn, handler);
    }

    /** The same row with data-in. */
    public CommandDescriptor in(DataLength length) {
        return new CommandDescriptor(
                opcode,
                serviceAction,
                name,
                usage,
                allowedWithUnitAttention,
                reservationClass,
                dataOut,
                length,
                handler);
    }

    /** The same row with data-out. */
    public CommandDescriptor out(DataLength length) {
        return new CommandDescriptor(
                opcode,
                serviceAction,
                name,
                usage,
                allowedWithUnitAttention,
                reservationClass,
                length,
                dataIn,
                handler);
    }

    /** The same row with another handler. */
    public CommandDescriptor handledBy(CommandHandler other) {
        return new CommandDescriptor(
                opcode, serviceAction, name, usage, allowedWithUnitAttention, reservationClass, dataOut, dataIn, other);
    }

    /** The same row, not held up by a unit attention. */
    public CommandDescriptor despiteUnitAttention() {
        return new CommandDescriptor(
                opcode, serviceAction, name, usage, true, reservationClass, dataOut, dataIn, handler);
    }

    /** Whether the command has a service action. */
    public boolean hasServiceAction() {
        return serviceAction != NO_SERVICE_ACTION;
    }

    /** CDB length in bytes. */
    public int cdbBytes() {
        return usage.length;
    }
}
