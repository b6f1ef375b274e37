package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.SenseCode;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** INQUIRY and what hosts read from it. */
class InquiryTest {
    private final TestUnit unit = new TestUnit();
    private final CdbScript initiator = unit.initiator;

    @Test
    void standardDataClaimsSpc4AndNamesVendorAndProduct() {
        byte[] data = initiator.send("12 00 00 00FF 00").good().data();
        assertEquals(96, data.length);
        assertEquals("000006125b180002", HexFormat.of().formatHex(data, 0, 8));
        assertEquals("SLUICE  VOLUME          0001", new String(data, 8, 28, StandardCharsets.US_ASCII));
        assertEquals("00a0046004c00960", HexFormat.of().formatHex(data, 58, 66));
    }

    @Test
    void allocationLengthCutsWithoutChangingLengths() {
        byte[] data = initiator.send("12 00 00 0024 00").good().data();
        assertEquals(36, data.length);
        assertEquals(91, data[4]);
        assertEquals(0, initiator.send("12 00 00 0000 00").good().data().length);
        assertEquals(96, initiator.send("12 00 00 0104 00").good().wantedIn());
    }

    @Test
    void pageCodeWithoutEvpdIsRefused() {
        initiator.send("12 00 83 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("12 01 C7 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void everyListedPageIsReadableAndSorted() {
        byte[] list = initiator.send("12 01 00 00FF 00").good().data();
        int before = -1;
        for (int i = 4; i < list.length; i++) {
            int code = CdbField.u8(list, i);
            assertTrue(code > before, "sorted");
            before = code;
            byte[] page = initiator.send("12 01 %02x 0400 00", code).good().data();
            assertEquals(code, CdbField.u8(page, 1));
            assertEquals(page.length - 4, CdbField.u16(page, 2));
        }
    }

    @Test
    void deviceIdentificationBeginsWithTheNaaAndHasPortAndGroup() {
        byte[] page = initiator.send("12 01 83 0400 00").good().data();
        assertEquals("01030010", HexFormat.of().formatHex(page, 4, 8));
        assertEquals(0x60, page[8] & 0xF0);
        assertArrayEquals(unit.unit.identity().naa(), java.util.Arrays.copyOfRange(page, 8, 24));
        String hex = HexFormat.of().formatHex(page);
        assertTrue(hex.contains("5194000400000001"), "relative target port 1");
        assertTrue(hex.contains("5195000400000001"), "target port group 1");
        String text = new String(page, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains("iqn.2026-11.io.sluice:test,t,0x0001\0"), "name of the port");
        assertTrue(text.contains(unit.unit.identity().scsiName() + "\0"), "name of the unit");
    }

    @Test
    void identitiesOfVolumesDifferAndNeverChange() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            UUID id = new UUID(0x1234_5678_9ABC_4DEFL + i, 0x8000_0000_0000_0000L | i);
            LogicalUnitIdentity identity = LogicalUnitIdentity.ofVolume(id, "1");
            assertEquals(
                    identity.scsiName(), LogicalUnitIdentity.ofVolume(id, "2").scsiName());
            assertTrue(names.add(identity.scsiName()), "distinct");
        }
        UUID pinned = UUID.fromString("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
        assertEquals(
                "naa.6025355070AC453393CC9C176B8A4D4B",
                LogicalUnitIdentity.ofVolume(pinned, "1").scsiName());
    }

    @Test
    void blockLimitsTellWhatIsEnforced() {
        byte[] page = initiator.send("12 01 B0 0040 00").good().data();
        assertEquals(64, page.length);
        assertEquals(0x3C, CdbField.u16(page, 2));
        assertEquals(1, page[4], "WSNZ");
        assertEquals(128, CdbField.u8(page, 5), "COMPARE AND WRITE");
        assertEquals(8, CdbField.u16(page, 6));
        assertEquals((8 << 20) / 512, CdbField.u32(page, 8));
        assertEquals(0xFFFFFFFFL, CdbField.u32(page, 20));
        assertEquals(256, CdbField.u32(page, 24));
        assertEquals(8, CdbField.u32(page, 28));
        assertEquals(0x80000000L, CdbField.u32(page, 32));
        assertEquals(0xFFF8, CdbField.u64(page, 36));
    }

    @Test
    void thirdPartyCopyPageAgreesWithTheOperatingParameters() {
        byte[] page = initiator.send("12 01 8F 0400 00").good().data();
        assertEquals(
                "008f005c"
                        + ("0001000c" + "08" + "830100" + "8403000304" + "000000")
                        + ("0004001c" + "00000000" + "0020" + "0100" + "00002400" + "00".repeat(16))
                        + ("00080004" + "03" + "020ae4")
                        + ("80010020" + "00000010" + "00000010" + "10000000" + "09" + "00".repeat(19)),
                HexFormat.of().formatHex(page));
        assertEquals(0x08, initiator.send("12 00 00 0024 00").good().data()[5] & 0x08, "3PC");
        assertEquals(
                "0000002b" + "01000000" + "0020" + "0100" + "00002400" + "10000000" + "00".repeat(14) + "0010" + "10"
                        + "09" + "00".repeat(5) + "03" + "020ae4",
                initiator.send("84 03 0000000000000000 00000400 00 00").good().hex());
    }

    @Test
    void provisioningAgreesWithReadCapacity() {
        assertEquals(
                "00b2000400e40200", initiator.send("12 01 B2 0040 00").good().hex());
        byte[] capacity =
                initiator.send("9E 10 0000000000000000 00000020 00 00").good().data();
        assertEquals(
                "0000000000001fff" + "00000200" + "0003c000" + "00".repeat(16),
                HexFormat.of().formatHex(capacity));
        assertEquals(
                "00001fff00000200",
                initiator.send("25 00000000000000000000").good().hex());
    }

    @Test
    void readCapacity16HonoursShortAllocationLengths() {
        for (int length : new int[] {0, 1, 12, 31, 32, 96}) {
            CdbScript.Answer answer =
                    initiator.send("9E 10 0000000000000000 %08x 00 00", length).good();
            assertEquals(Math.min(32, length), answer.data().length);
        }
        initiator.send("9E 1F 0000000000000000 00000020 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void growthIsToldByUnitAttentionAndThenSeen() {
        TestUnit growing = new TestUnit(new RamVolume(1 << 20, 2 << 20, 512), LogicalUnitSettings.DEFAULT);
        growing.initiator.send("28 00 00000800 00 0001 00").sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        growing.volume.grow(2 << 20);
        growing.unit.capacityChanged();
        growing.initiator.send("25 00000000000000000000").sense(SenseCode.CAPACITY_DATA_HAS_CHANGED);
        assertEquals(
                "00000fff00000200",
                growing.initiator.send("25 00000000000000000000").good().hex());
        growing.initiator.send("28 00 00000800 00 0001 00").good();
    }

    @Test
    void capacityBeyond32BitsIsTold() {
        RamVolume huge = new RamVolume(1 << 20);
        huge.grow(16L << 40);
        TestUnit large = new TestUnit(huge, LogicalUnitSettings.DEFAULT);
        assertEquals(
                "ffffffff00000200",
                large.initiator.send("25 00000000000000000000").good().hex());
        byte[] capacity = large.initiator
                .send("9E 10 0000000000000000 00000020 00 00")
                .good()
                .data();
        assertEquals(((16L << 40) / 512) - 1, CdbField.u64(capacity, 0));
    }
}
