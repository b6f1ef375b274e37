package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.storage.volume.IoFailure;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TaskAttribute;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** READ and WRITE in all lengths of CDB. */
class ReadWriteTest {
    private static final long BLOCKS = TestUnit.BYTES / 512;

    private final TestUnit unit = new TestUnit();
    private final CdbScript initiator = unit.initiator;

    @ParameterizedTest
    @CsvSource({
        "0A %06x 03 00, 08 %06x 03 00",
        "2A 00 %08x 00 0003 00, 28 00 %08x 00 0003 00",
        "AA 00 %08x 00000003 00 00, A8 00 %08x 00000003 00 00",
        "8A 00 %016x 00000003 00 00, 88 00 %016x 00000003 00 00"
    })
    void readsBackWhatWasWritten(String write, String read) {
        byte[] data = TestUnit.pattern(3 * 512, 1);
        initiator.write(data, write, 77).good();
        assertArrayEquals(data, initiator.send(read, 77).good().data());
        assertArrayEquals(data, unit.volume.contents(77 * 512, data.length));
    }

    @Test
    void lengthZeroOfTheSixByteCommandsIs256Blocks() {
        byte[] data = TestUnit.pattern(256 * 512, 2);
        initiator.write(data, "0A 000000 00 00").good();
        byte[] read = initiator
                .send(CdbScript.cdb("08 000000 00 00"), new byte[0], 1 << 20)
                .good()
                .data();
        assertArrayEquals(data, read);
    }

    @ParameterizedTest
    @CsvSource({
        "28 00 00000000 00 0000 00",
        "A8 00 00000000 00000000 00 00",
        "88 00 0000000000000000 00000000 00 00",
        "2A 00 00000000 00 0000 00",
        "8A 00 0000000000000000 00000000 00 00"
    })
    void noBlocksMoveNothing(String cdb) {
        CdbScript.Answer answer = initiator.send(cdb).good();
        assertEquals(0, answer.data().length);
        assertEquals(0, answer.wantedIn());
    }

    @ParameterizedTest
    @CsvSource({
        "28 00 %08x 00 0001 00, 0",
        "28 00 %08x 00 0002 00, -1",
        "28 00 %08x 00 0000 00, 1",
        "28 00 80000000 00 0000 00, 0",
        "28 00 ffffffff 00 0000 00, 0",
        "A8 00 %08x 00000002 00 00, -1",
        "88 00 %016x 00000002 00 00, -1",
        "88 00 8000000000000000 00000000 00 00, 0",
        "88 00 ffffffffffffffff 00000001 00 00, 0",
        "2A 00 %08x 00 0002 00, -1",
        "AA 00 %08x 00000002 00 00, -1",
        "8A 00 ffffffffffffffff 00000001 00 00, 0",
        "2E 00 %08x 00 0002 00, -1",
        "2F 00 %08x 00 0002 00, -1",
        "2F 02 %08x 00 0000 00, 1",
        "34 00 %08x 00 0000 00, 1",
        "35 00 %08x 00 0000 00, 1",
        "41 00 %08x 00 0002 00, -1"
    })
    void blocksBehindTheEndAreOutOfRange(String cdb, long fromEnd) {
        initiator
                .send(CdbScript.cdb(cdb, BLOCKS + fromEnd), new byte[1024], 1024)
                .sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        assertArrayEquals(new byte[1024], unit.volume.contents(TestUnit.BYTES - 1024, 1024));
    }

    @ParameterizedTest
    @CsvSource({
        "28 20 00000000 00 0001 00",
        "A8 E0 00000000 00000001 00 00",
        "88 40 0000000000000000 00000001 00 00",
        "2A 20 00000000 00 0001 00",
        "8A 20 0000000000000000 00000001 00 00",
        "2E 20 00000000 00 0001 00",
        "2F 20 00000000 00 0001 00",
        "41 20 00000000 00 0001 00",
        "89 20 0000000000000000 000000 01 00 00"
    })
    void protectionInformationIsRefused(String cdb) {
        initiator.send(CdbScript.cdb(cdb), new byte[1024], 512).sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void moreThanTheMaximumTransferLengthIsRefusedWithoutDataBeingAsked() {
        LogicalUnitSettings small = new LogicalUnitSettings(false, true, 64 << 10, false, false);
        TestUnit limited = new TestUnit(new RamVolume(TestUnit.BYTES), small);
        CdbScript.Answer answer = limited.initiator.send("2A 00 00000000 00 0100 00");
        answer.sense(SenseCode.INVALID_FIELD_IN_CDB);
        assertEquals(0, answer.wantedOut());
        limited.initiator.send("28 00 00000000 00 0081 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        limited.initiator.send("28 00 00000000 00 0080 00").good();
    }

    @Test
    void readGivesNoMoreThanTheInitiatorTakesAndStillSaysWhatTheCdbGives() {
        byte[] data = TestUnit.pattern(1024, 3);
        initiator.write(data, "2A 00 00000000 00 0002 00").good();
        for (int room : new int[] {0, 1, 100, 512, 700}) {
            CdbScript.Answer answer = initiator
                    .send(CdbScript.cdb("28 00 00000000 00 0002 00"), new byte[0], room)
                    .good();
            assertArrayEquals(Arrays.copyOf(data, room), answer.data());
            assertEquals(1024, answer.wantedIn());
        }
    }

    @Test
    void writeWithTooLittleDataWritesTheWholeBlocksThatCame() {
        byte[] data = TestUnit.pattern(700, 4);
        CdbScript.Answer answer =
                initiator.write(data, "2A 00 00000000 00 0002 00").good();
        assertEquals(1024, answer.wantedOut());
        assertArrayEquals(Arrays.copyOf(data, 512), unit.volume.contents(0, 512));
        assertArrayEquals(new byte[512], unit.volume.contents(512, 512));
        initiator.send("2A 00 00000000 00 0002 00").good();
    }

    @Test
    void writesAreDurableWithForceUnitAccessOrWithoutWriteCache() {
        byte[] data = new byte[512];
        initiator.write(data, "2A 00 00000000 00 0001 00").good();
        assertEquals(0, unit.volume.durableOperations());
        initiator.write(data, "2A 08 00000000 00 0001 00").good();
        assertEquals(1, unit.volume.durableOperations());
        initiator
                .write(CdbScript.cdb("000000000812" + "00".repeat(18)), "15 10 0000 18 00")
                .good();
        assertEquals(1, unit.volume.flushes());
        initiator.write(data, "2A 00 00000000 00 0001 00").good();
        initiator.write(data, "0A 000000 01 00").good();
        initiator.write(data, "41 00 00000000 00 0001 00").good();
        initiator.write(data, "93 00 0000000000000000 00000001 00 00").good();
        assertEquals(5, unit.volume.durableOperations());
    }

    @Test
    void controlByteWithNacaIsRefused() {
        initiator.send("28 00 00000000 00 0001 04").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void volumeFailuresBecomeWhatTheHostMustDo() {
        expectFailure(IoFailure.Kind.WRITE_FAILED, SenseCode.WRITE_ERROR);
        expectFailure(IoFailure.Kind.NO_SPACE, SenseCode.SPACE_ALLOCATION_FAILED_WRITE_PROTECT);
        expectFailure(IoFailure.Kind.FENCED, SenseCode.LOGICAL_UNIT_NOT_ACCESSIBLE_TARGET_PORT_IN_UNAVAILABLE_STATE);
        expectFailure(IoFailure.Kind.CLOSED, SenseCode.LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY);
        expectFailure(IoFailure.Kind.BAD_RANGE, SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        expectFailure(IoFailure.Kind.READ_ONLY, SenseCode.WRITE_PROTECTED);
        unit.volume.failNext(IoFailure.of(IoFailure.Kind.BUSY, "journal full"));
        initiator.write(new byte[512], "2A 00 00000000 00 0001 00").status(ScsiStatus.BUSY);
    }

    private void expectFailure(IoFailure.Kind kind, SenseCode code) {
        unit.volume.failNext(IoFailure.of(kind, "test"));
        initiator.write(new byte[512], "2A 00 00000000 00 0001 00").sense(code);
        initiator.write(new byte[512], "2A 00 00000000 00 0001 00").good();
    }

    @Test
    void unreadableBlockIsNamedInTheInformationField() {
        unit.volume.failNext(new IoFailure(IoFailure.Kind.UNREADABLE, "damaged", 513 * 512));
        CdbScript.Answer answer = initiator.send("28 00 00000200 00 0008 00");
        answer.sense(SenseCode.UNRECOVERED_READ_ERROR);
        assertEquals(513, answer.information());
        assertEquals(0, answer.wantedIn());
    }

    @Test
    void readOnlyUnitRefusesEverythingThatWrites() {
        TestUnit readOnly = new TestUnit(new RamVolume(TestUnit.BYTES), LogicalUnitSettings.DEFAULT.asReadOnly());
        byte[] block = new byte[512];
        readOnly.initiator.write(block, "2A 00 00000000 00 0001 00").sense(SenseCode.WRITE_PROTECTED);
        readOnly.initiator.write(block, "0A 000000 01 00").sense(SenseCode.WRITE_PROTECTED);
        readOnly.initiator.write(block, "2E 00 00000000 00 0001 00").sense(SenseCode.WRITE_PROTECTED);
        readOnly.initiator.write(block, "41 00 00000000 00 0001 00").sense(SenseCode.WRITE_PROTECTED);
        readOnly.initiator
                .write(new byte[1024], "89 00 0000000000000000 000000 01 00 00")
                .sense(SenseCode.WRITE_PROTECTED);
        readOnly.initiator.write(block, "8B 00 0000000000000000 00000001 00 00").sense(SenseCode.WRITE_PROTECTED);
        byte[] unmap = CdbScript.cdb("0016 0010 00000000 0000000000000000 00000001 00000000");
        readOnly.initiator.write(unmap, "42 00 00000000 00 0018 00").sense(SenseCode.WRITE_PROTECTED);
        readOnly.initiator.send("28 00 00000000 00 0001 00").good();
        assertEquals(0x90, readOnly.initiator.send("1A 08 08 00 FF 00").good().data()[2] & 0xFF);
    }

    @Test
    void fourKibBlocksCountInBlocks() {
        TestUnit native4k =
                new TestUnit(new RamVolume(TestUnit.BYTES, TestUnit.BYTES, 4096), LogicalUnitSettings.DEFAULT);
        byte[] data = TestUnit.pattern(8192, 5);
        native4k.initiator.write(data, "2A 00 00000003 00 0002 00").good();
        assertArrayEquals(data, native4k.volume.contents(3 * 4096, 8192));
        native4k.initiator.send("28 00 00000400 00 0001 00").sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        assertEquals(
                "000003ff00001000",
                native4k.initiator.send("25 00000000000000000000").good().hex());
    }

    @Test
    void completionsThatComeLaterEndTheCommandsThen() {
        unit.volume.hold();
        byte[] data = TestUnit.pattern(512, 6);
        CdbScript.Answer write =
                initiator.start(CdbScript.cdb("2A 00 00000000 00 0001 00"), data, 0, TaskAttribute.SIMPLE);
        CdbScript.Answer read =
                initiator.start(CdbScript.cdb("28 00 00000001 00 0001 00"), new byte[0], 512, TaskAttribute.SIMPLE);
        assertEquals(false, write.isEnded());
        assertEquals(false, read.isEnded());
        unit.volume.release();
        write.good();
        read.good();
        assertArrayEquals(data, unit.volume.contents(0, 512));
    }

    @Test
    void sessionOutOfMemoryAnswersTaskSetFull() {
        initiator.outOfMemory(true);
        for (String cdb : new String[] {"28 00 00000000 00 0001 00", "12 00 00 0060 00", "2F 00 00000000 00 0001 00"}) {
            assertEquals(0, initiator.send(cdb).status(ScsiStatus.TASK_SET_FULL).wantedIn());
        }
        initiator
                .write(new byte[1024], "89 00 0000000000000000 000000 01 00 00")
                .status(ScsiStatus.TASK_SET_FULL);
        initiator.lun(9).send("12 00 00 0060 00").status(ScsiStatus.TASK_SET_FULL);
        initiator.lun(0).write(new byte[512], "2A 00 00000000 00 0001 00").good();
        initiator.outOfMemory(false);
        initiator.send("28 00 00000000 00 0001 00").good();
    }
}
