package io.sluice.target.scsi;

import io.sluice.storage.runtime.Invariant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands of a logical unit as data: for dispatch, for REPORT SUPPORTED OPERATION CODES, for reservations. */
public final class CommandTable {
    private static final int SERVICE_ACTION_MASK = 0x1F;

    private static final int SERVICE_ACTIONS = SERVICE_ACTION_MASK + 1;

    private final @Nullable CommandDescriptor[] byOpcode = new @Nullable CommandDescriptor[256];
    private final @Nullable CommandDescriptor[] byServiceAction =
            new @Nullable CommandDescriptor[256 * SERVICE_ACTIONS];
    private final boolean[] hasServiceActions = new boolean[256];
    private final List<CommandDescriptor> all;

    /** Checks that no command is there twice. */
    public CommandTable(List<CommandDescriptor> rows) {
        List<CommandDescriptor> sorted = new ArrayList<>(rows);
        sorted.sort(
                Comparator.comparingInt(CommandDescriptor::opcode).thenComparingInt(CommandDescriptor::serviceAction));
        for (CommandDescriptor row : sorted) {
            Invariant.check(find(row.opcode(), row.serviceAction()) == null, "command listed twice: " + row.name());
            put(row);
        }
        all = List.copyOf(sorted);
    }

    private void put(CommandDescriptor row) {
        if (row.hasServiceAction()) {
            hasServiceActions[row.opcode()] = true;
            byServiceAction[(row.opcode() * SERVICE_ACTIONS) + row.serviceAction()] = row;
        } else {
            byOpcode[row.opcode()] = row;
        }
    }

    /** The row for a CDB, null when there is none. */
    public @Nullable CommandDescriptor find(byte[] cdb) {
        int opcode = cdb[0] & 0xFF;
        CommandDescriptor row = byOpcode[opcode];
        return row != null ? row : find(opcode, cdb[1] & SERVICE_ACTION_MASK);
    }

    /** The row of an operation code and service action (or {@link CommandDescriptor#NO_SERVICE_ACTION}). */
    public @Nullable CommandDescriptor find(int opcode, int serviceAction) {
        if (serviceAction == CommandDescriptor.NO_SERVICE_ACTION) {
            return byOpcode[opcode];
        }
        return serviceAction < SERVICE_ACTIONS ? byServiceAction[(opcode * SERVICE_ACTIONS) + serviceAction] : null;
    }

    /** Whether the operation code exists, with or without service actions. */
    public boolean knows(int opcode) {
        return byOpcode[opcode] != null || hasServiceActions[opcode];
    }

    /** Whether the operation code is one with service actions. */
    public boolean hasServiceActions(int opcode) {
        return hasServiceActions[opcode];
    }

    /** In the order of operation codes and service actions. */
    public List<CommandDescriptor> all() {
        return all;
    }
}
