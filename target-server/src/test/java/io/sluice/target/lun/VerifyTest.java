package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.storage.volume.IoFailure;
import io.sluice.target.scsi.SenseCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** VERIFY, WRITE AND VERIFY, COMPARE AND WRITE, ORWRITE. */
class VerifyTest {
    private final TestUnit unit = new TestUnit();
    private final CdbScript initiator = unit.initiator;

    @ParameterizedTest
    @CsvSource({
        "2F %02x 00000010 00 0004 00",
        "AF %02x 00000010 00000004 00 00",
        "8F %02x 0000000000000010 00000004 00 00"
    })
    void comparesByBytchk(String verify) {
        byte[] data = TestUnit.pattern(4 * 512, 1);
        initiator.write(data, "2A 00 00000010 00 0004 00").good();
        assertEquals(0, initiator.send(verify, 0).good().wantedOut());
        initiator.write(data, verify, 0x02).good();
        data[1500] ^= 1;
        CdbScript.Answer miscompare = initiator.write(data, verify, 0x02);
        assertEquals(
                1500,
                miscompare.sense(SenseCode.MISCOMPARE_DURING_VERIFY_OPERATION).information());
        initiator.send(verify, 0x04).sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send(verify, 0x20).sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void oneBlockIsComparedWithAll() {
        byte[] block = TestUnit.pattern(512, 2);
        initiator.write(block, "41 00 00000000 00 0400 00").good();
        CdbScript.Answer answer =
                initiator.write(block, "2F 06 00000000 00 0400 00").good();
        assertEquals(512, answer.wantedOut());
        initiator.write(new byte[512], "2A 00 000003ff 00 0001 00").good();
        initiator.write(block, "2F 06 00000000 00 0400 00").sense(SenseCode.MISCOMPARE_DURING_VERIFY_OPERATION);
        initiator.write(block, "2F 06 00000000 00 03ff 00").good();
    }

    @Test
    void verifyFindsUnreadableBlocks() {
        unit.volume.failNext(new IoFailure(IoFailure.Kind.UNREADABLE, "damaged", 2 * 512));
        assertEquals(
                2,
                initiator
                        .send("2F 00 00000000 00 0004 00")
                        .sense(SenseCode.UNRECOVERED_READ_ERROR)
                        .information());
    }

    @Test
    void verifyWithMissingDataDoesNotSucceed() {
        initiator.write(new byte[512], "2F 02 00000000 00 0002 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @ParameterizedTest
    @CsvSource({
        "2E %02x 00000010 00 0004 00",
        "AE %02x 00000010 00000004 00 00",
        "8E %02x 0000000000000010 00000004 00 00"
    })
    void writeAndVerifyWritesDurably(String cdb) {
        byte[] data = TestUnit.pattern(4 * 512, 3);
        initiator.write(data, cdb, 0).good();
        assertArrayEquals(data, unit.volume.contents(16 * 512, 4 * 512));
        initiator.write(new byte[2048], cdb, 2).good();
        assertArrayEquals(new byte[2048], unit.volume.contents(16 * 512, 4 * 512));
        assertEquals(2, unit.volume.durableOperations());
        assertEquals(4, unit.volume.operations(), "each is written and read");
    }

    @Test
    void compareAndWriteWritesOnlyWhenEqual() {
        byte[] data = new byte[4 * 512];
        byte[] first = TestUnit.pattern(1024, 4);
        System.arraycopy(first, 0, data, 1024, 1024);
        String cdb = "89 00 0000000000000008 000000 02 00 00";
        initiator.write(data, cdb).good();
        assertArrayEquals(first, unit.volume.contents(8 * 512, 1024));
        assertEquals(
                0,
                initiator
                        .write(data, cdb)
                        .sense(SenseCode.MISCOMPARE_DURING_VERIFY_OPERATION)
                        .information());
        System.arraycopy(first, 0, data, 0, 1024);
        data[700] ^= 1;
        assertEquals(
                700,
                initiator
                        .write(data, cdb)
                        .sense(SenseCode.MISCOMPARE_DURING_VERIFY_OPERATION)
                        .information());
        assertArrayEquals(first, unit.volume.contents(8 * 512, 1024));
    }

    @Test
    void compareAndWriteChecksItsDataOut() {
        CdbScript.Answer surplus = initiator.write(new byte[4 * 512], "89 00 0000000000000000 000000 01 00 00");
        surplus.sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator
                .write(new byte[4 * 512], "89 00 0000000000000000 000000 03 00 00")
                .sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("89 00 0000000000000000 000000 00 00 00").good();
        initiator
                .write(new byte[256 * 512 + 512], "89 00 0000000000000000 000000 81 00 00")
                .sense(SenseCode.INVALID_FIELD_IN_CDB);
        CdbScript.Answer exact = initiator
                .write(new byte[1024], "89 00 0000000000000000 000000 01 00 00")
                .good();
        assertEquals(1024, exact.wantedOut());
        initiator
                .write(new byte[1024], "89 00 0000000000002000 000000 01 00 00")
                .sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
    }

    @Test
    void orWriteOrsTheMedium() {
        byte[] data = TestUnit.pattern(1024, 5);
        byte[] more = TestUnit.pattern(1024, 6);
        initiator.write(data, "2A 00 00000000 00 0002 00").good();
        initiator.write(more, "8B 00 0000000000000000 00000002 00 00").good();
        for (int i = 0; i < data.length; i++) {
            data[i] |= more[i];
        }
        assertArrayEquals(data, unit.volume.contents(0, 1024));
        initiator.send("8B 00 0000000000000000 00000000 00 00").good();
        initiator.write(more, "8B 20 0000000000000000 00000002 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }
}
