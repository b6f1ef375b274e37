package io.sluice.target.lun;

import static io.sluice.target.lun.ReservationScript.REGISTER;
import static io.sluice.target.lun.ReservationScript.RESERVE;
import static io.sluice.target.lun.ReservationScript.out;
import static io.sluice.target.lun.ReservationScript.target;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.TargetDevice;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Every cell of the tables of commands that are allowed in the presence of reservations, typed in from the standards:
 * SPC-4 table 67, SBC-3 table 13, for RESERVE SPC-2 table 10. Each cell is tried with a unit of its own.
 */
class ReservationConflictTableTest {
    /**
     * Command, CDB (zeros behind), then A for allowed and C for conflict in the columns
     *
     * <pre>
     * 1  Write Exclusive, held by another nexus; registered or not
     * 2  Exclusive Access, held by another nexus; registered or not
     * 3  registrants only or all registrants, from a registered nexus
     * 4  Write Exclusive of these types, from one that is not registered
     * 5  Exclusive Access of these types, from one that is not registered
     * 6  RESERVE of another nexus
     * 7  RESERVE of its own
     * </pre>
     */
    private static final String EXPECTED = """
            TEST UNIT READY                   00            A A A A A C A
            REQUEST SENSE                     03            A A A A A A A
            READ(6)                           08            A C A A C C A
            WRITE(6)                          0A            C C A C C C A
            INQUIRY                           12            A A A A A A A
            MODE SELECT(6)                    15            C C A C C C A
            RESERVE(6)                        16            C C A C C C A
            RELEASE(6)                        17            C C A C C A A
            MODE SENSE(6)                     1A            A C A A C C A
            START STOP UNIT stop              1B            C C A C C C A
            START STOP UNIT start             1B00000001    A A A A A C A
            START STOP UNIT active            1B00000011    C C A C C C A
            SEND DIAGNOSTIC                   1D            C C A C C C A
            READ CAPACITY(10)                 25            A A A A A C A
            READ(10)                          28            A C A A C C A
            WRITE(10)                         2A            C C A C C C A
            WRITE AND VERIFY(10)              2E            C C A C C C A
            VERIFY(10)                        2F            A C A A C C A
            PRE-FETCH(10)                     34            A C A A C C A
            SYNCHRONIZE CACHE(10)             35            C C A C C C A
            WRITE SAME(10)                    41            C C A C C C A
            UNMAP                             42            C C A C C C A
            LOG SENSE                         4D            A A A A A C A
            MODE SELECT(10)                   55            C C A C C C A
            RESERVE(10)                       56            C C A C C C A
            RELEASE(10)                       57            C C A C C A A
            MODE SENSE(10)                    5A            A C A A C C A
            PERSISTENT RESERVE IN             5E00          A A A A A C C
            PERSISTENT RESERVE IN             5E01          A A A A A C C
            PERSISTENT RESERVE IN             5E02          A A A A A C C
            PERSISTENT RESERVE IN             5E03          A A A A A C C
            PERSISTENT RESERVE OUT            5F00          A A A A A C C
            PERSISTENT RESERVE OUT            5F01          A A A A A C C
            PERSISTENT RESERVE OUT            5F02          A A A A A C C
            PERSISTENT RESERVE OUT            5F03          A A A A A C C
            PERSISTENT RESERVE OUT            5F04          A A A A A C C
            PERSISTENT RESERVE OUT            5F05          A A A A A C C
            PERSISTENT RESERVE OUT            5F06          A A A A A C C
            PERSISTENT RESERVE OUT            5F07          A A A A A C C
            EXTENDED COPY                     8300          C C A C C C A
            RECEIVE COPY STATUS               8400          A C A A C C A
            RECEIVE COPY PARAMETERS           8403          A C A A C C A
            RECEIVE COPY FAILURE DETAILS      8404          A C A A C C A
            READ(16)                          88            A C A A C C A
            COMPARE AND WRITE                 89            C C A C C C A
            WRITE(16)                         8A            C C A C C C A
            ORWRITE(16)                       8B            C C A C C C A
            WRITE AND VERIFY(16)              8E            C C A C C C A
            VERIFY(16)                        8F            A C A A C C A
            PRE-FETCH(16)                     90            A C A A C C A
            SYNCHRONIZE CACHE(16)             91            C C A C C C A
            WRITE SAME(16)                    93            C C A C C C A
            READ CAPACITY(16)                 9E10          A A A A A C A
            GET LBA STATUS(16)                9E12          A C A A C C A
            REPORT LUNS                       A0            A A A A A A A
            REPORT TARGET PORT GROUPS         A30A          A A A A A C A
            REPORT SUPPORTED OPERATION CODES  A30C          A A A A A C A
            REPORT SUPPORTED TASK MANAGEMENT  A30D          A A A A A C A
            READ(12)                          A8            A C A A C C A
            WRITE(12)                         AA            C C A C C C A
            WRITE AND VERIFY(12)              AE            C C A C C C A
            VERIFY(12)                        AF            A C A A C C A
            """;

    private static final int[] PLAIN_WRITE_EXCLUSIVE = {1};
    private static final int[] PLAIN_EXCLUSIVE_ACCESS = {3};
    private static final int[] FOR_REGISTRANTS = {5, 6, 7, 8};
    private static final int[] WRITE_EXCLUSIVE_FOR_REGISTRANTS = {5, 7};
    private static final int[] EXCLUSIVE_ACCESS_FOR_REGISTRANTS = {6, 8};

    private record Row(String name, byte[] cdb, String cells) {
        boolean covers(CommandDescriptor command) {
            boolean action = !command.hasServiceAction() || (cdb[1] & 0x1F) == command.serviceAction();
            return (cdb[0] & 0xFF) == command.opcode() && action;
        }

        boolean allowed(int column) {
            return cells.charAt(column - 1) == 'A';
        }
    }

    /** Three nexuses: the holder, another registrant, a stranger. */
    private static final class Unit {
        private final TargetDevice target = target(new RamVolume(64 << 10), new ReservationScript.MemoryStore());
        private final CdbScript holder = new CdbScript(target, "holder").ready();
        private final CdbScript registrant = new CdbScript(target, "registrant").ready();
        private final CdbScript stranger = new CdbScript(target, "stranger").ready();

        Unit persistent(int type) {
            out(holder, REGISTER, 0, 0, 1).good();
            out(registrant, REGISTER, 0, 0, 2).good();
            out(holder, RESERVE, type, 1, 0).good();
            return this;
        }

        Unit reserved() {
            holder.send("16 00 000000 00").good();
            return this;
        }
    }

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String line : EXPECTED.lines().toList()) {
            String[] words = line.strip().split(" {2,}", 3);
            byte[] cdb = new byte[16];
            byte[] given = HexFormat.of().parseHex(words[1]);
            System.arraycopy(given, 0, cdb, 0, given.length);
            rows.add(new Row(words[0], cdb, words[2].replace(" ", "")));
        }
        return rows;
    }

    private static List<CommandDescriptor> commands() {
        RamVolume volume = new RamVolume(64 << 10);
        return new LogicalUnit(
                        volume,
                        LogicalUnitIdentity.ofVolume(volume.description().id(), "0001"),
                        LogicalUnitSettings.DEFAULT)
                .commands()
                .all();
    }

    private static String describe(CommandDescriptor command) {
        return String.format(Locale.ROOT, "%s %02X/%02X", command.name(), command.opcode(), command.serviceAction());
    }

    @Test
    void everyCommandHasARow() {
        List<Row> rows = rows();
        TreeSet<String> missing = new TreeSet<>();
        for (CommandDescriptor command : commands()) {
            if (rows.stream().noneMatch(row -> row.covers(command))) {
                missing.add(describe(command));
            }
        }
        assertEquals(new TreeSet<>(), missing, "look it up in the standard and type it in");
    }

    @Test
    void everyCellIsAsTheStandardHasIt() {
        List<String> wrong = new ArrayList<>();
        int cells = 0;
        for (Row row : rows()) {
            assertEquals(
                    true, commands().stream().anyMatch(row::covers), () -> row.name + " is not in the command table");
            cells += tryPersistent(row, 1, PLAIN_WRITE_EXCLUSIVE, true, true, wrong);
            cells += tryPersistent(row, 2, PLAIN_EXCLUSIVE_ACCESS, true, true, wrong);
            cells += tryPersistent(row, 3, FOR_REGISTRANTS, true, false, wrong);
            cells += tryPersistent(row, 4, WRITE_EXCLUSIVE_FOR_REGISTRANTS, false, true, wrong);
            cells += tryPersistent(row, 5, EXCLUSIVE_ACCESS_FOR_REGISTRANTS, false, true, wrong);
            Unit reserved = new Unit().reserved();
            tryCell(row, "RESERVE of another", reserved.stranger, row.allowed(6), wrong);
            tryCell(row, "RESERVE of its own", new Unit().reserved().holder, row.allowed(7), wrong);
            cells += 2;
        }
        assertEquals(List.of(), wrong);
        assertEquals(true, cells > 1000, cells + " cells");
    }

    private static int tryPersistent(
            Row row, int column, int[] types, boolean registrant, boolean stranger, List<String> wrong) {
        int cells = 0;
        for (int type : types) {
            if (registrant) {
                CdbScript from = new Unit().persistent(type).registrant;
                tryCell(row, "type " + type + " from a registrant", from, row.allowed(column), wrong);
                cells++;
            }
            if (stranger) {
                CdbScript from = new Unit().persistent(type).stranger;
                tryCell(row, "type " + type + " from a stranger", from, row.allowed(column), wrong);
                cells++;
            }
            tryCell(row, "type " + type + " from the holder", new Unit().persistent(type).holder, true, wrong);
            cells++;
        }
        return cells;
    }

    /** Only RESERVATION CONFLICT is a conflict; a CDB of zeros may well be wrong in other ways. */
    private static void tryCell(Row row, String where, CdbScript from, boolean allowed, List<String> wrong) {
        boolean conflict = from.send(row.cdb, new byte[0], 1 << 16).status() == ScsiStatus.RESERVATION_CONFLICT;
        if (conflict == allowed) {
            wrong.add(row.name + ", " + where + ": " + (conflict ? "conflict" : "allowed"));
        }
    }
}
