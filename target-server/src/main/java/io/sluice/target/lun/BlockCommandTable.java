package io.sluice.target.lun;

import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.CommandHandler;
import io.sluice.target.scsi.CommandTable;
import io.sluice.target.scsi.DataLength;
import io.sluice.target.scsi.PersistentReserveIn;
import io.sluice.target.scsi.PersistentReserveOut;
import io.sluice.target.scsi.ReservationClass;
import java.util.ArrayList;
import java.util.List;

/** The commands of a logical unit: one line for each, names from the standards, usage bits where this server looks. */
final class BlockCommandTable {
    private static final ReservationClass ALWAYS = ReservationClass.ALWAYS;
    private static final ReservationClass STATUS = ReservationClass.STATUS;
    private static final ReservationClass READ = ReservationClass.READ;
    private static final ReservationClass WRITE = ReservationClass.WRITE;

    private static final ReservationClass PERSISTENT = ReservationClass.PERSISTENT_RESERVATION;

    private final LogicalUnit unit;
    private final List<CommandDescriptor> rows = new ArrayList<>();

    BlockCommandTable(LogicalUnit unit) {
        this.unit = unit;
    }

    CommandTable build() {
        addPrimary();
        addModeAndLog();
        addReport();
        addPersistentReservations();
        addCapacity();
        addReads();
        addWrites();
        addReadModifyWrites();
        addProvisioning();
        addThirdPartyCopy();
        return new CommandTable(rows);
    }

    private void add(CommandDescriptor row) {
        rows.add(row);
    }

    private static CommandDescriptor row(String name, String usage, ReservationClass kind, CommandHandler handler) {
        return CommandDescriptor.of(name, usage, kind, handler);
    }

    private void addPrimary() {
        CapacityCommands capacity = new CapacityCommands(unit);
        PrimaryCommands primary = new PrimaryCommands();
        CacheCommands cache = new CacheCommands(unit);
        add(row("TEST UNIT READY", "00 00000000 04", STATUS, capacity::testUnitReady));
        add(row("REQUEST SENSE", "03 01 0000 FF 04", ALWAYS, primary::requestSense)
                .in(DataLength.u8(4))
                .despiteUnitAttention());
        add(row("INQUIRY", "12 01 FF FFFF 04", ALWAYS, new InquiryCommand(unit)::execute)
                .in(DataLength.u16(3))
                .despiteUnitAttention());
        add(row("REPORT LUNS", "A0 00 FF 000000 FFFFFFFF 00 04", ALWAYS, primary::reportLuns)
                .in(DataLength.u32(6))
                .despiteUnitAttention());
        add(row("RESERVE(6)", "16 11 000000 04", ReservationClass.RESERVE, primary::reserve));
        add(row("RELEASE(6)", "17 11 000000 04", ALWAYS, primary::release));
        add(row("RESERVE(10)", "56 11 00 00 00000000 00 04", ReservationClass.RESERVE, primary::reserve));
        add(row("RELEASE(10)", "57 11 00 00 00000000 00 04", ALWAYS, primary::release));
        add(row("START STOP UNIT", "1B 01 0000 F7 04", WRITE, cache::startStop));
        add(row("SEND DIAGNOSTIC", "1D E4 00 FFFF 04", WRITE, capacity::sendDiagnostic)
                .out(DataLength.u16(3)));
    }

    private void addModeAndLog() {
        CommandHandler sense = new ModeSenseCommand(unit)::execute;
        CommandHandler select = new ModeSelectCommand(unit)::execute;
        add(row("MODE SELECT(6)", "15 11 0000 FF 04", WRITE, select).out(DataLength.u8(4)));
        add(row("MODE SELECT(10)", "55 11 0000000000 FFFF 04", WRITE, select).out(DataLength.u16(7)));
        add(row("MODE SENSE(6)", "1A 08 FF FF FF 04", READ, sense).in(DataLength.u8(4)));
        add(row("MODE SENSE(10)", "5A 18 FF FF 000000 FFFF 04", READ, sense).in(DataLength.u16(7)));
        add(row("LOG SENSE", "4D 01 3F FF 00 FFFF FFFF 04", STATUS, new LogSenseCommand(unit)::execute)
                .in(DataLength.u16(7)));
    }

    private void addReport() {
        PrimaryCommands primary = new PrimaryCommands();
        ReportSupportedCommand supported = new ReportSupportedCommand(unit);
        add(row("REPORT TARGET PORT GROUPS", "A3 FF 00000000 FFFFFFFF 00 04", STATUS, primary::reportTargetPortGroups)
                .serviceAction(0x0A)
                .in(DataLength.u32(6)));
        add(row(
                        "REPORT SUPPORTED OPERATION CODES",
                        "A3 1F 87 FF FFFF FFFFFFFF 00 04",
                        STATUS,
                        supported::reportOperationCodes)
                .serviceAction(0x0C)
                .in(DataLength.u32(6)));
        add(row(
                        "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS",
                        "A3 1F 80 000000 FFFFFFFF 00 04",
                        STATUS,
                        supported::reportTaskManagementFunctions)
                .serviceAction(0x0D)
                .in(DataLength.u32(6)));
    }

    private void addPersistentReservations() {
        PersistentReserveIn in = new PersistentReserveIn();
        addReserveIn(0x00, in::readKeys);
        addReserveIn(0x01, in::readReservation);
        addReserveIn(0x02, in::reportCapabilities);
        addReserveIn(0x03, in::readFullStatus);
        CommandHandler out = new PersistentReserveOut()::execute;
        for (int action = 0; action <= 7; action++) {
            add(row("PERSISTENT RESERVE OUT", "5F 1F FF 0000 FFFFFFFF 04", PERSISTENT, out)
                    .serviceAction(action)
                    .out(DataLength.u32(5)));
        }
    }

    private void addReserveIn(int action, CommandHandler handler) {
        add(row("PERSISTENT RESERVE IN", "5E 1F 0000000000 FFFF 04", PERSISTENT, handler)
                .serviceAction(action)
                .in(DataLength.u16(7)));
    }

    private void addCapacity() {
        CapacityCommands capacity = new CapacityCommands(unit);
        add(row("READ CAPACITY(10)", "25 00 00000000 0000 00 04", STATUS, capacity::readCapacity10)
                .in((cdb, blockBytes) -> 8));
        add(row("READ CAPACITY(16)", "9E 1F 0000000000000000 FFFFFFFF 00 04", STATUS, capacity::readCapacity16)
                .serviceAction(0x10)
                .in(DataLength.u32(10)));
        add(row("GET LBA STATUS(16)", "9E 1F FFFFFFFFFFFFFFFF FFFFFFFF 00 04", READ, capacity::getLbaStatus)
                .serviceAction(0x12)
                .in(DataLength.u32(10)));
    }

    private void addReads() {
        CommandHandler read = new ReadCommands(unit)::read;
        CommandHandler prefetch = new PrefetchCommand(unit)::execute;
        CommandHandler verify = new VerifyCommands(unit)::verify;
        DataLength data = VerifyCommands.DATA_OUT;
        add(row("READ(6)", "08 1F FFFF FF 04", READ, read).in(DataLength.BLOCKS));
        add(row("READ(10)", "28 F8 FFFFFFFF 3F FFFF 04", READ, read).in(DataLength.BLOCKS));
        add(row("READ(12)", "A8 F8 FFFFFFFF FFFFFFFF 3F 04", READ, read).in(DataLength.BLOCKS));
        add(row("READ(16)", "88 F8 FFFFFFFFFFFFFFFF FFFFFFFF 3F 04", READ, read).in(DataLength.BLOCKS));
        add(row("PRE-FETCH(10)", "34 02 FFFFFFFF 3F FFFF 04", WRITE, prefetch));
        add(row("PRE-FETCH(16)", "90 02 FFFFFFFFFFFFFFFF FFFFFFFF 3F 04", WRITE, prefetch));
        add(row("VERIFY(10)", "2F F6 FFFFFFFF 3F FFFF 04", READ, verify).out(data));
        add(row("VERIFY(12)", "AF F6 FFFFFFFF FFFFFFFF 3F 04", READ, verify).out(data));
        add(row("VERIFY(16)", "8F F6 FFFFFFFFFFFFFFFF FFFFFFFF 3F 04", READ, verify)
                .out(data));
    }

    private void addWrites() {
        WriteCommands writes = new WriteCommands(unit, new VerifyCommands(unit));
        CommandHandler write = writes::write;
        CommandHandler verify = writes::writeAndVerify;
        CommandHandler flush = new CacheCommands(unit)::synchronizeCache;
        DataLength data = DataLength.BLOCKS;
        add(row("WRITE(6)", "0A 1F FFFF FF 04", WRITE, write).out(data));
        add(row("WRITE(10)", "2A F8 FFFFFFFF 3F FFFF 04", WRITE, write).out(data));
        add(row("WRITE(12)", "AA F8 FFFFFFFF FFFFFFFF 3F 04", WRITE, write).out(data));
        add(row("WRITE(16)", "8A F8 FFFFFFFFFFFFFFFF FFFFFFFF 3F 04", WRITE, write)
                .out(data));
        add(row("WRITE AND VERIFY(10)", "2E F2 FFFFFFFF 3F FFFF 04", WRITE, verify)
                .out(data));
        add(row("WRITE AND VERIFY(12)", "AE F2 FFFFFFFF FFFFFFFF 3F 04", WRITE, verify)
                .out(data));
        add(row("WRITE AND VERIFY(16)", "8E F2 FFFFFFFFFFFFFFFF FFFFFFFF 3F 04", WRITE, verify)
                .out(data));
        add(row("SYNCHRONIZE CACHE(10)", "35 02 FFFFFFFF 3F FFFF 04", WRITE, flush));
        add(row("SYNCHRONIZE CACHE(16)", "91 02 FFFFFFFFFFFFFFFF FFFFFFFF 3F 04", WRITE, flush));
    }

    private void addReadModifyWrites() {
        add(row(
                        "COMPARE AND WRITE",
                        "89 F8 FFFFFFFFFFFFFFFF 000000 FF 3F 04",
                        WRITE,
                        new CompareAndWriteCommand(unit)::execute)
                .out(CompareAndWriteCommand.DATA_OUT));
        add(row("ORWRITE(16)", "8B F8 FFFFFFFFFFFFFFFF FFFFFFFF 3F 04", WRITE, new OrWriteCommand(unit)::execute)
                .out(DataLength.BLOCKS));
    }

    private void addProvisioning() {
        CommandHandler same = new WriteSameCommands(unit)::execute;
        DataLength data = WriteSameCommands.DATA_OUT;
        add(row("WRITE SAME(10)", "41 F8 FFFFFFFF 3F FFFF 04", WRITE, same).out(data));
        add(row("WRITE SAME(16)", "93 F9 FFFFFFFFFFFFFFFF FFFFFFFF 3F 04", WRITE, same)
                .out(data));
        add(row("UNMAP", "42 01 00000000 3F FFFF 04", WRITE, new UnmapCommand(unit)::execute)
                .out(DataLength.u16(7)));
    }

    private void addThirdPartyCopy() {
        ReceiveCopyResultsCommand results = new ReceiveCopyResultsCommand(unit);
        add(row(
                        "EXTENDED COPY(LID1)",
                        "83 1F 0000000000000000 FFFFFFFF 00 04",
                        WRITE,
                        new ExtendedCopyCommand(unit)::execute)
                .serviceAction(ExtendedCopyCommand.LID1)
                .out(DataLength.u32(10)));
        addCopyResults("RECEIVE COPY STATUS(LID1)", ReceiveCopyResultsCommand.COPY_STATUS, results::copyStatus);
        add(row(
                        "RECEIVE COPY OPERATING PARAMETERS",
                        "84 1F 0000000000000000 FFFFFFFF 00 04",
                        WRITE,
                        results::operatingParameters)
                .serviceAction(ReceiveCopyResultsCommand.OPERATING_PARAMETERS)
                .in(DataLength.u32(10)));
        addCopyResults(
                "RECEIVE COPY FAILURE DETAILS(LID1)",
                ReceiveCopyResultsCommand.FAILURE_DETAILS,
                results::failureDetails);
    }

    private void addCopyResults(String name, int action, CommandHandler handler) {
        add(row(name, "84 1F FF 00000000000000 FFFFFFFF 00 04", WRITE, handler)
                .serviceAction(action)
                .in(DataLength.u32(10)));
    }
}
