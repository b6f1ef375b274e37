package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.volume.IoFailure;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TaskAttribute;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** EXTENDED COPY (LID1) inside a logical unit and between the units of a target. */
class ExtendedCopyTest {
    private static final int BYTES = TestUnit.BYTES;
    private static final int BLOCKS = BYTES / 512;
    private static final String CAW = "89 00 %016x 000000 01 00 00";
    private static final long SEED = Long.getLong("sluice.test.seed", 20261121);

    /** LUN 0. */
    private final TestUnit first = new TestUnit();

    private final CdbScript initiator = first.initiator;

    /** LUN 1. */
    private final RamVolume secondVolume = new RamVolume(BYTES);

    private final LogicalUnit second = add(1, secondVolume, LogicalUnitSettings.DEFAULT);

    private LogicalUnit add(int lun, RamVolume volume, LogicalUnitSettings settings) {
        LogicalUnit unit = new LogicalUnit(
                volume, LogicalUnitIdentity.ofVolume(new UUID(lun, 0x8000_0000_0000_00AAL), "1"), settings);
        first.target.addLogicalUnit(lun, unit);
        initiator.lun(lun).ready().lun(0).ready();
        return unit;
    }

    private CopyList inside() {
        return new CopyList().unit(first.unit);
    }

    private CopyList between() {
        return new CopyList().unit(first.unit).unit(second);
    }

    /** Fills LUN 0 from its first block on. */
    private byte[] fill(int bytes) {
        byte[] data = TestUnit.pattern(bytes, SEED);
        initiator.write(data, "8A 00 0000000000000000 %08x 00 00", bytes / 512).good();
        return data;
    }

    // ---------------------------------------------------------------- what is copied

    @Test
    void blocksAreCopiedInsideAUnitByItsVolume() {
        byte[] data = fill(1 << 20);
        int before = first.volume.operations();
        inside().copy(0, 0, 0, 4096, 2048).send(initiator).good();
        assertArrayEquals(data, first.volume.contents(2 << 20, 1 << 20));
        assertEquals(before + 1, first.volume.operations(), "one operation of the volume");
    }

    @ParameterizedTest
    @CsvSource({"0,4096,2048", "3,4099,2045", "0,4097,100", "5,6000,1", "7,4103,4089", "1,4098,2000"})
    void anyAlignmentIsCopied(long from, long to, int blocks) {
        byte[] data = fill(2 << 20);
        inside().copy(0, from, 0, to, blocks).send(initiator).good();
        assertArrayEquals(
                Arrays.copyOfRange(data, (int) from * 512, (int) (from + blocks) * 512),
                first.volume.contents((int) to * 512, blocks * 512));
        assertArrayEquals(
                Arrays.copyOfRange(data, 2048 * 512, 2049 * 512), first.volume.contents(2048 * 512, 512), "untouched");
    }

    @ParameterizedTest
    @CsvSource({"0,8,4096", "8,0,4096", "0,2056,4000", "2056,0,4000", "100,101,3000", "101,100,3000", "9,9,2000"})
    void overlappingRangesAreCopiedAsIfReadBefore(int from, int to, int blocks) {
        byte[] data = fill(BYTES);
        inside().copy(0, from, 0, to, blocks).send(initiator).good();
        byte[] expected = data.clone();
        System.arraycopy(data, from * 512, expected, to * 512, blocks * 512);
        assertArrayEquals(expected, first.volume.contents(0, BYTES));
    }

    @Test
    void blocksAreCopiedBetweenUnitsInPieces() {
        byte[] data = fill(BYTES);
        between().copy(0, 3, 1, 5, BLOCKS - 5).send(initiator).good();
        assertArrayEquals(
                Arrays.copyOfRange(data, 3 * 512, BYTES - (2 * 512)),
                secondVolume.contents(5 * 512, BYTES - (5 * 512)));
        assertArrayEquals(new byte[5 * 512], secondVolume.contents(0, 5 * 512));
        assertTrue(secondVolume.operations() >= BYTES / CopyOperation.DATA_PIECE_BYTES, "bounded pieces");
    }

    @Test
    void anOverlappingCopyHasOnePieceUnderWay() {
        fill(BYTES);
        first.volume.hold();
        CdbScript.Answer copy = inside().copy(0, 0, 0, 1, 4096).start(initiator);
        assertEquals(1, first.volume.heldOperations());
        first.volume.release();
        initiator.pump();
        copy.good();
        first.volume.hold();
        copy = inside().copy(0, 0, 0, 4097, 4096 - 1).start(initiator);
        assertEquals(CopyOperation.LANES, first.volume.heldOperations());
        first.volume.release();
        initiator.pump();
        copy.good();
    }

    @Test
    void aThirdUnitMayBeAskedAndSegmentsAreCopiedInTheirOrder() {
        add(7, new RamVolume(1 << 20), LogicalUnitSettings.DEFAULT);
        byte[] data = fill(8 * 512);
        initiator.lun(7);
        between()
                .copy(0, 0, 1, 100, 8)
                .copy(1, 100, 1, 200, 8)
                .copy(1, 204, 0, 64, 4)
                .copy(0, 0, 1, 0, 0)
                .send(initiator)
                .good();
        assertArrayEquals(data, secondVolume.contents(200 * 512, 8 * 512));
        assertArrayEquals(Arrays.copyOfRange(data, 4 * 512, 8 * 512), first.volume.contents(64 * 512, 4 * 512));
    }

    @Test
    void blocksOf4096AndOf512BytesAreConvertedWhenTheyFit() {
        RamVolume native4k = new RamVolume(1 << 20, 1 << 20, 4096);
        LogicalUnit large = add(2, native4k, LogicalUnitSettings.DEFAULT);
        byte[] data = fill(64 * 512);
        CopyList units = new CopyList().unit(first.unit).unit(large);
        units.copy(0, 0, 1, 3, 16).send(initiator).good();
        assertArrayEquals(Arrays.copyOf(data, 8192), native4k.contents(3 * 4096, 8192));
        new CopyList()
                .unit(first.unit)
                .unit(large)
                .copyDestinationBlocks(0, 16, 1, 10, 2)
                .send(initiator)
                .good();
        assertArrayEquals(Arrays.copyOfRange(data, 8192, 16384), native4k.contents(10 * 4096, 8192));
        new CopyList()
                .unit(first.unit)
                .unit(large)
                .copy(0, 0, 1, 0, 9)
                .send(initiator)
                .sense(SenseCode.UNEXPECTED_INEXACT_SEGMENT);
        assertArrayEquals(new byte[4096], native4k.contents(0, 4096));
    }

    @Test
    void bytesAreCopiedWithOffsets() {
        RamVolume native4k = new RamVolume(1 << 20, 1 << 20, 4096);
        LogicalUnit large = add(2, native4k, LogicalUnitSettings.DEFAULT);
        byte[] data = fill(64 * 512);
        CopyList units = new CopyList().unit(first.unit).unit(large);
        units.copyBytes(0, 4, 0, 1, 2, 1536, 10 * 512).send(initiator).good();
        assertArrayEquals(Arrays.copyOfRange(data, 4 * 512, 14 * 512), native4k.contents((2 * 4096) + 1536, 10 * 512));
        new CopyList()
                .unit(first.unit)
                .unit(large)
                .copyBytes(0, 4, 1, 1, 2, 0, 512)
                .send(initiator)
                .sense(SenseCode.COPY_SEGMENT_GRANULARITY_VIOLATION);
    }

    @Test
    void randomCopiesEqualAModel() {
        Random random = new Random(SEED);
        byte[][] model = {fill(BYTES), new byte[BYTES]};
        for (int i = 0; i < 300; i++) {
            int from = random.nextInt(2);
            int to = random.nextInt(2);
            int blocks = 1 + random.nextInt(random.nextBoolean() ? 20 : 3000);
            int source = random.nextInt(BLOCKS - blocks + 1);
            int destination = random.nextInt(BLOCKS - blocks + 1);
            between()
                    .copy(from, source, to, destination, blocks)
                    .send(initiator)
                    .good();
            System.arraycopy(model[from], source * 512, model[to], destination * 512, blocks * 512);
        }
        assertArrayEquals(model[0], first.volume.contents(0, BYTES), "seed " + SEED);
        assertArrayEquals(model[1], secondVolume.contents(0, BYTES), "seed " + SEED);
    }

    @Test
    void withoutWriteCacheTheCopyIsDurable() {
        LogicalUnit through =
                add(2, new RamVolume(1 << 20), new LogicalUnitSettings(false, false, 8 << 20, false, false));
        RamVolume volume = (RamVolume) through.volume();
        new CopyList()
                .unit(first.unit)
                .unit(through)
                .copy(0, 0, 1, 0, 8)
                .send(initiator)
                .good();
        assertEquals(1, volume.durableOperations());
        new CopyList().unit(through).copy(0, 0, 0, 8, 8).send(initiator).good();
        assertEquals(2, volume.durableOperations());
        between().copy(0, 0, 1, 0, 8).send(initiator).good();
        assertEquals(0, secondVolume.durableOperations());
    }

    // ---------------------------------------------------------------- parameter lists that are refused

    @Test
    void anEmptyListCopiesNothing() {
        initiator.send("83 00 0000000000000000 00000000 00 00").good();
        new CopyList().send(initiator).good();
        inside().send(initiator).good();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 16, 16 + 31, 16 + 32 + 27})
    void aTruncatedListIsALengthError(int bytes) {
        byte[] list = inside().copy(0, 0, 0, 4096, 8).bytes();
        initiator
                .write(Arrays.copyOf(list, bytes), "83 00 0000000000000000 %08x 00 00", bytes)
                .sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        initiator
                .write(Arrays.copyOf(list, bytes), "83 00 0000000000000000 %08x 00 00", list.length)
                .sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
    }

    @Test
    void moreDescriptorsThanTheLimitsAreRefused() {
        CopyList tooManyUnits = new CopyList();
        for (int i = 0; i <= CopyLimits.CSCD_DESCRIPTORS_MAX; i++) {
            tooManyUnits.unit(first.unit);
        }
        tooManyUnits.copy(0, 0, 0, 4096, 8).send(initiator).sense(SenseCode.TOO_MANY_TARGET_DESCRIPTORS);
        CopyList tooManySegments = inside();
        for (int i = 0; i < CopyLimits.SEGMENTS_MAX; i++) {
            tooManySegments.copy(0, 0, 0, 4096, 1);
        }
        tooManySegments.send(initiator).good();
        tooManySegments.copy(0, 0, 0, 4096, 1).send(initiator).sense(SenseCode.TOO_MANY_SEGMENT_DESCRIPTORS);
        for (int i = 0; i < 100; i++) {
            tooManySegments.copy(0, 0, 0, 4096, 1);
        }
        tooManySegments.send(initiator).sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
    }

    @Test
    void wrongFieldsAreRefusedWithTheirPlace() {
        String fibreChannel = "e0000000" + "00".repeat(28);
        CdbScript.Answer answer = inside().cscd(fibreChannel)
                .copy(0, 0, 0, 4096, 8)
                .send(initiator)
                .sense(SenseCode.UNSUPPORTED_TARGET_DESCRIPTOR_TYPE_CODE);
        assertEquals("800030", HexFormat.of().formatHex(answer.senseBytes(), 15, 18), "byte 48");
        inside().segment("03000014" + "00".repeat(20))
                .send(initiator)
                .sense(SenseCode.UNSUPPORTED_SEGMENT_DESCRIPTOR_TYPE_CODE);
        inside().segment("02000014" + "00".repeat(24)).send(initiator).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        inside().cscd("e4000000" + "01130010" + "00".repeat(24))
                .send(initiator)
                .sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        inside().cscd("e4000000" + "01030015" + "00".repeat(24))
                .send(initiator)
                .sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        inside().usage(1).send(initiator).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        inside().usage(3).send(initiator).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        inside().usage(3).identifier(0).copy(0, 0, 0, 4096, 8).send(initiator).good();
        byte[] inline = Arrays.copyOf(inside().inline(4).bytes(), 16 + 32 + 4);
        initiator
                .write(inline, "83 00 0000000000000000 %08x 00 00", inline.length)
                .sense(SenseCode.INLINE_DATA_LENGTH_EXCEEDED);
        inside().copyBytes(0, 0, 0, 0, 0, 0, (256L << 20) + 512)
                .send(initiator)
                .sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        initiator.send("83 1F 0000000000000000 00000000 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    // ---------------------------------------------------------------- copies that stop

    /** COMMAND-SPECIFIC INFORMATION and the segment pointer. */
    private static String pointers(CdbScript.Answer answer) {
        HexFormat hex = HexFormat.of();
        return hex.formatHex(answer.senseBytes(), 8, 12) + " " + hex.formatHex(answer.senseBytes(), 15, 18);
    }

    @Test
    void anIndexBehindTheListIsUnreachable() {
        CdbScript.Answer answer = inside().copy(0, 0, 0, 4096, 8)
                .copy(0, 0, 1, 0, 8)
                .send(initiator)
                .sense(SenseCode.UNREACHABLE_COPY_TARGET);
        assertEquals("00000001 a00006", pointers(answer));
        assertEquals("00000000 a00004", pointers(inside().copy(1, 0, 0, 0, 8).send(initiator)));
    }

    @Test
    void aUnitThatTheTargetDoesNotHaveIsNotReachable() {
        byte[] elsewhere = LogicalUnitIdentity.ofVolume(new UUID(99, 99), "1").naa();
        inside().unit(elsewhere, 512).copy(0, 0, 0, 4096, 8).send(initiator).good();
        CdbScript.Answer answer = inside().unit(elsewhere, 512)
                .copy(0, 0, 1, 0, 8)
                .send(initiator)
                .sense(SenseCode.COPY_TARGET_DEVICE_NOT_REACHABLE);
        assertEquals("00000000 a00006", pointers(answer));
        var gone = first.target.removeLogicalUnit(1);
        initiator.pump();
        assertTrue(gone.isDone());
        initiator.ready();
        between().copy(0, 0, 1, 0, 8).send(initiator).sense(SenseCode.COPY_TARGET_DEVICE_NOT_REACHABLE);
    }

    @Test
    void whoBelievesInAnotherBlockLengthCopiesNothing() {
        new CopyList()
                .unit(first.unit.identity().naa(), 4096)
                .copy(0, 0, 0, 4096, 8)
                .send(initiator)
                .sense(SenseCode.INCORRECT_COPY_TARGET_DEVICE_TYPE);
    }

    @Test
    void blocksBehindTheEndStopTheCopyAndTheUnitsAnswerIsForwarded() {
        CdbScript.Answer answer = inside().copy(0, 0, 0, BLOCKS - 1, 2)
                .send(initiator)
                .sense(SenseCode.COPY_ABORTED_WITHOUT_ADDITIONAL_SENSE);
        assertEquals("00120000 a00014", pointers(answer));
        byte[] sense = answer.senseBytes();
        assertEquals(sense.length - 8, sense[7]);
        assertEquals("0270000500", HexFormat.of().formatHex(sense, 18, 23), "CHECK CONDITION, ILLEGAL REQUEST");
        assertEquals(0x21, sense[19 + 12]);
        assertEquals(
                "12000000 a0000c", pointers(inside().copy(0, BLOCKS, 0, 0, 1).send(initiator)));
        inside().copy(0, -1, 0, 0, 1).send(initiator).sense(SenseCode.COPY_ABORTED_WITHOUT_ADDITIONAL_SENSE);
        inside().copy(0, 0, 0, BLOCKS - 2, 2).send(initiator).good();
    }

    @Test
    void descriptorSenseTellsTheSame() {
        byte[] page = new byte[12];
        System.arraycopy(initiator.send("1A 08 0A 00 FF 00").good().data(), 4, page, 0, 12);
        page[2] |= 0x04;
        byte[] list = new byte[16];
        System.arraycopy(page, 0, list, 4, 12);
        initiator.write(list, "15 10 0000 10 00").good();
        byte[] sense = inside().copy(0, 0, 0, BLOCKS, 2)
                .send(initiator)
                .sense(SenseCode.COPY_ABORTED_WITHOUT_ADDITIONAL_SENSE)
                .senseBytes();
        assertEquals(
                "720a0000" + "0000" + "00" + "20" + "010a0000" + "0000000000000000" + "02060000" + "a0001400"
                        + "0c0a0202" + "7205210000000000",
                HexFormat.of().formatHex(sense));
    }

    @Test
    void aWriteProtectedDestinationStopsTheCopy() {
        LogicalUnit sealed = add(2, new RamVolume(1 << 20), LogicalUnitSettings.DEFAULT.asReadOnly());
        fill(4096);
        CdbScript.Answer answer = new CopyList()
                .unit(first.unit)
                .unit(sealed)
                .copy(0, 0, 1, 0, 8)
                .send(initiator)
                .sense(SenseCode.THIRD_PARTY_DEVICE_FAILURE);
        assertEquals("00120000 000000", pointers(answer));
        assertEquals(0x27, answer.senseBytes()[19 + 12]);
        new CopyList()
                .unit(sealed)
                .unit(first.unit)
                .copy(0, 0, 1, 0, 8)
                .send(initiator)
                .good();
        assertArrayEquals(new byte[4096], first.volume.contents(0, 4096));
    }

    @Test
    void aSourceThatCannotBeReadStopsTheCopy() {
        first.volume.failNext(new IoFailure(IoFailure.Kind.UNREADABLE, "damaged", 512));
        CdbScript.Answer answer =
                between().copy(0, 0, 1, 0, 8).send(initiator).sense(SenseCode.THIRD_PARTY_DEVICE_FAILURE);
        assertEquals("12000000 000000", pointers(answer));
        assertEquals("02f00003", HexFormat.of().formatHex(answer.senseBytes(), 18, 22));
        assertEquals(0, secondVolume.operations());
    }

    @Test
    void withoutMemoryTheTaskSetIsFull() {
        initiator.outOfMemory(true);
        between().copy(0, 0, 1, 0, 8).send(initiator).status(ScsiStatus.TASK_SET_FULL);
        inside().copy(0, 0, 0, 4096, 8).send(initiator).good();
        initiator.outOfMemory(false);
        between().copy(0, 0, 1, 0, 8).send(initiator).good();
    }

    // ---------------------------------------------------------------- reservations

    private static void register(CdbScript owner, long key, int type) {
        owner.write(CdbScript.cdb("%016x%016x0000000000000000", 0, key), "5F 00 00 0000 00000018 00")
                .good();
        owner.write(CdbScript.cdb("%016x%016x0000000000000000", key, 0), "5F 01 %02x 0000 00000018 00", type)
                .good();
    }

    @Test
    void theReservationOfTheAddressedUnitIsAConflict() {
        register(first.second(), 0xA, 1);
        between().copy(0, 0, 1, 0, 8).send(initiator).status(ScsiStatus.RESERVATION_CONFLICT);
        between().copy(1, 0, 1, 100, 8).send(initiator).status(ScsiStatus.RESERVATION_CONFLICT);
    }

    @Test
    void reservationsOfSourceAndDestinationAreHonoured() {
        CdbScript other = first.second().lun(1).ready();
        register(other, 0xA, 1);
        between().copy(1, 0, 0, 0, 8).send(initiator).good();
        CdbScript.Answer answer =
                between().copy(0, 0, 1, 0, 8).send(initiator).sense(SenseCode.THIRD_PARTY_DEVICE_FAILURE);
        assertEquals("00120000 000000", pointers(answer));
        assertEquals(ScsiStatus.RESERVATION_CONFLICT.code(), answer.senseBytes()[18]);
        assertEquals(19, answer.senseBytes().length, "a status without sense data");
        other.write(CdbScript.cdb("%016x%016x0000000000000000", 0xA, 0), "5F 02 01 0000 00000018 00")
                .good();
        other.write(CdbScript.cdb("%016x%016x0000000000000000", 0xA, 0), "5F 01 03 0000 00000018 00")
                .good();
        answer = between().copy(1, 0, 0, 0, 8).send(initiator).sense(SenseCode.THIRD_PARTY_DEVICE_FAILURE);
        assertEquals("12000000 000000", pointers(answer));
    }

    // ---------------------------------------------------------------- concurrency, task management

    @Test
    void compareAndWriteOnTheDestinationWaitsForThePieceAndHoldsTheNextBack() {
        byte[] data = fill(8 * 512);
        first.volume.hold();
        CdbScript.Answer copy = inside().copy(0, 0, 0, 4096, 8).start(initiator);
        CdbScript other = first.second();
        byte[] both = new byte[1024];
        System.arraycopy(data, 0, both, 0, 512);
        CdbScript.Answer swap = other.start(CdbScript.cdb(CAW, 4096), both, 0, TaskAttribute.SIMPLE);
        assertEquals(1, first.volume.heldOperations(), "the read of COMPARE AND WRITE has not begun");
        first.volume.release();
        initiator.pump();
        other.await(swap).good();
        copy.good();
        assertArrayEquals(new byte[512], first.volume.contents(4096 * 512, 512));
    }

    @Test
    void anAbortedCopyBeginsNoFurtherPieceAndIsAnsweredWhenItIsQuiet() {
        fill(BYTES);
        secondVolume.hold();
        CdbScript.Answer copy = between().copy(0, 0, 1, 0, BLOCKS).start(initiator);
        int pieces = secondVolume.heldOperations();
        assertEquals(CopyOperation.LANES, pieces);
        var response = initiator.manage(TaskManagementFunction.ABORT_TASK, copy);
        assertNull(response.get(), "writes are under way");
        secondVolume.release();
        initiator.pump();
        assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get());
        copy.status(ScsiStatus.TASK_ABORTED);
        assertEquals(pieces, secondVolume.operations());
        initiator.send("84 00 01 00000000000000 00000400 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void whoQuiescesTheDestinationWaitsForTheCopysWritesThere() {
        fill(BYTES);
        secondVolume.hold();
        CdbScript.Answer copy = between().copy(0, 0, 1, 0, BLOCKS).start(initiator);
        CdbScript other = first.second().lun(1).ready();
        register(other, 0xA, 1);
        initiator.lun(1).ready();
        initiator
                .write(CdbScript.cdb("%016x%016x0000000000000000", 0, 0xB), "5F 00 00 0000 00000018 00")
                .good();
        initiator.lun(0);
        CdbScript.Answer preempt = other.start(
                CdbScript.cdb("5F 05 01 0000 00000018 00"),
                CdbScript.cdb("%016x%016x0000000000000000", 0xA, 0xB),
                0,
                TaskAttribute.SIMPLE);
        assertEquals(false, preempt.isEnded(), "the victim's writes are under way");
        secondVolume.releaseHeld();
        initiator.pump();
        other.await(preempt).good();
        int written = secondVolume.operations();
        copy.sense(SenseCode.THIRD_PARTY_DEVICE_FAILURE);
        secondVolume.release();
        initiator.pump();
        assertEquals(written, secondVolume.operations(), "nothing is written after the fencing");
    }

    @Test
    void theUnitThatIsRemovedMidCopyStopsIt() {
        fill(BYTES);
        secondVolume.hold();
        CdbScript.Answer copy = between().copy(0, 0, 1, 0, BLOCKS).start(initiator);
        var removed = first.target.removeLogicalUnit(1);
        initiator.pump();
        assertEquals(false, removed.isDone());
        secondVolume.release();
        initiator.pump();
        assertTrue(removed.isDone());
        copy.sense(SenseCode.THIRD_PARTY_DEVICE_FAILURE);
    }

    @Test
    void aSessionThatEndsMidCopyTakesItAlong() {
        fill(BYTES);
        secondVolume.hold();
        CdbScript.Answer copy = between().copy(0, 0, 1, 0, BLOCKS).start(initiator);
        initiator.close();
        secondVolume.release();
        initiator.pump();
        copy.status(ScsiStatus.TASK_ABORTED);
        assertEquals(CopyOperation.LANES, secondVolume.operations());
    }

    @Test
    void anOrderedCopyDoesNotWaitForItself() {
        fill(4096);
        byte[] list = inside().copy(0, 0, 0, 4096, 8).bytes();
        initiator
                .await(initiator.start(
                        CdbScript.cdb("83 00 0000000000000000 %08x 00 00", list.length),
                        list,
                        0,
                        TaskAttribute.ORDERED))
                .good();
    }

    // ---------------------------------------------------------------- RECEIVE COPY RESULTS

    private CdbScript.Answer status(CdbScript from, int identifier) {
        return from.send("84 00 %02x 00000000000000 00000400 00 00", identifier);
    }

    @Test
    void theOutcomeIsToldOnceToItsNexus() {
        inside().identifier(7)
                .copy(0, 0, 0, 4096, 8)
                .copy(0, 0, 0, 4104, 8)
                .send(initiator)
                .good();
        status(first.second(), 7).sense(SenseCode.INVALID_FIELD_IN_CDB);
        status(initiator, 8).sense(SenseCode.INVALID_FIELD_IN_CDB);
        assertEquals(
                "00000008" + "01" + "0002" + "00" + "00002000",
                status(initiator, 7).good().hex());
        status(initiator, 7).sense(SenseCode.INVALID_FIELD_IN_CDB);
        inside().identifier(7).usage(2).copy(0, 0, 0, 4096, 8).send(initiator).good();
        status(initiator, 7).sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void progressIsToldAndTheIdentifierStaysTaken() {
        fill(BYTES);
        secondVolume.hold();
        CdbScript.Answer copy = between().identifier(3).copy(0, 0, 1, 0, BLOCKS).start(initiator);
        assertEquals(
                "00000008" + "00" + "0000" + "00" + "00000000",
                status(initiator, 3).good().hex());
        secondVolume.releaseHeld();
        initiator.pump();
        assertEquals(
                "00000008" + "00" + "0000" + "00" + "00100000",
                status(initiator, 3).good().hex());
        between().identifier(3).copy(0, 0, 1, 0, 8).send(initiator).sense(SenseCode.OPERATION_IN_PROGRESS);
        initiator.send("84 04 03 00000000000000 00000400 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        secondVolume.release();
        initiator.pump();
        copy.good();
        assertEquals(
                "00000008" + "01" + "0001" + "00" + "00400000",
                status(initiator, 3).good().hex());
    }

    @Test
    void failureDetailsRepeatTheSenseData() {
        byte[] sense = inside().copy(0, 0, 0, 4096, 8)
                .copy(0, BLOCKS, 0, 0, 1)
                .send(initiator)
                .senseBytes();
        assertEquals(
                "00000008" + "02" + "0001" + "00" + "00001000",
                status(initiator, 1).good().hex());
        String details =
                initiator.send("84 04 01 00000000000000 00000400 00 00").good().hex();
        assertEquals(
                "%08x".formatted(56 + sense.length)
                        + "00".repeat(52)
                        + "0200%04x".formatted(sense.length)
                        + HexFormat.of().formatHex(sense),
                details);
        initiator.send("84 04 01 00000000000000 00000400 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        inside().copy(0, 0, 0, 4096, 8).send(initiator).good();
        assertEquals(
                "00000000",
                initiator.send("84 04 01 00000000000000 00000400 00 00").good().hex());
    }

    @Test
    void resetAndNexusLossForgetOutcomes() {
        inside().copy(0, 0, 0, 4096, 8).send(initiator).good();
        initiator.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, null);
        initiator.ready();
        status(initiator, 1).sense(SenseCode.INVALID_FIELD_IN_CDB);
        inside().copy(0, 0, 0, 4096, 8).send(initiator).good();
        initiator.close();
        CdbScript again = new CdbScript(first.target, "one").ready();
        status(again, 1).sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void moreCopiesThanTheLimitAreBusy() {
        fill(4096);
        first.volume.hold();
        for (int i = 0; i < CopyLimits.CONCURRENT_COPIES_MAX; i++) {
            inside().identifier(i).copy(0, 0, 0, 4096 + (8L * i), 8).start(initiator);
        }
        inside().identifier(99).copy(0, 0, 0, 4096, 8).send(initiator).status(ScsiStatus.BUSY);
        first.volume.release();
        initiator.pump();
        inside().identifier(99).copy(0, 0, 0, 4096, 8).send(initiator).good();
    }
}
