package io.sluice.target.iscsi.pdu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jscsi.parser.OperationCode;
import org.junit.jupiter.api.Test;

/** Byte vectors for every PDU, written by hand from the figures of RFC 7143 section 11. */
final class PduLayoutTest {
    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "").replace("\n", "")));
    }

    private static <T extends BasicHeaderSegment> T at(T pdu, String hex) {
        pdu.wrap(bytes("ffffffff" + hex), 4);
        return pdu;
    }

    private static <T extends BasicHeaderSegment> T blank(T pdu) {
        pdu.wrap(ByteBuffer.allocate(48), 0);
        return pdu;
    }

    private static void assertBytes(String hex, BasicHeaderSegment pdu) {
        assertEquals(
                HexFormat.of().formatHex(bytes(hex).array()),
                HexFormat.of().formatHex(pdu.buffer().array()));
    }

    @Test
    void readsLoginRequest() {
        LoginRequest pdu = at(
                new LoginRequest(),
                "43 87 00 00 00 00 01 02 40 00 12 34 00 05 ab cd 00 00 00 07 00 09 00 00 00 00 00 0a 00 00 00 0b"
                        + "00000000 00000000 00000000 00000000");
        assertEquals(OperationCode.LOGIN_REQUEST, Opcodes.of(pdu.opcode()));
        assertTrue(pdu.isImmediate());
        assertTrue(pdu.isTransit());
        assertFalse(pdu.isContinued());
        assertEquals(1, pdu.currentStage());
        assertEquals(3, pdu.nextStage());
        assertEquals(0x102, pdu.dataSegmentBytes());
        assertEquals(0x4000_1234_0005L, pdu.isid());
        assertEquals(0xabcd, pdu.targetSessionIdentifyingHandle());
        assertEquals(7, pdu.initiatorTaskTag());
        assertEquals(9, pdu.connectionId());
        assertEquals(10, pdu.commandSequenceNumber());
        assertEquals(11, pdu.expectedStatusSequenceNumber());
    }

    @Test
    void writesLoginResponse() {
        LoginResponse pdu = blank(new LoginResponse());
        pdu.opcode(OperationCode.LOGIN_RESPONSE.value());
        pdu.stages(true, false, 1, 3);
        pdu.dataSegmentBytes(0x203);
        pdu.sessionId(0x8123_4567_89abL, 0x55aa);
        pdu.initiatorTaskTag(1);
        pdu.statusSequenceNumber(2);
        pdu.expectedCommandSequenceNumber(3);
        pdu.maximumCommandSequenceNumber(4);
        pdu.status(0x020a);
        assertBytes(
                "23 87 00 00 00 00 02 03 81 23 45 67 89 ab 55 aa 00 00 00 01 00 00 00 00 00 00 00 02 00 00 00 03"
                        + "00 00 00 04 02 0a 00 00 00 00 00 00 00 00 00 00",
                pdu);
    }

    @Test
    void readsScsiCommandWithBidirectionalReadLength() {
        ScsiCommand pdu = at(
                new ScsiCommand(),
                "01 e2 00 00 02 00 00 00 00 01 00 00 00 00 00 00 00 00 00 09 ff ff ff fe 00 00 00 01 00 00 00 02"
                        + "28 00 00 00 00 08 00 00 10 00 00 00 00 00 00 00 00 05 02 00 00 00 12 34");
        assertFalse(pdu.isImmediate());
        assertTrue(pdu.isFinal());
        assertTrue(pdu.isRead());
        assertTrue(pdu.isWrite());
        assertEquals(2, pdu.attribute());
        assertEquals(8, pdu.ahsBytes());
        assertEquals(0xffff_fffeL, pdu.expectedDataTransferBytes());
        assertEquals(0x1234, pdu.bidirectionalReadBytes());
        byte[] cdb = new byte[16];
        pdu.copyCdbTo(cdb);
        assertEquals(0x28, cdb[0]);
        assertEquals(0x10, cdb[8]);
        byte[] lun = new byte[8];
        pdu.copyLunTo(lun);
        assertArrayEquals(new byte[] {0, 1, 0, 0, 0, 0, 0, 0}, lun);
    }

    @Test
    void writesScsiResponse() {
        ScsiResponse pdu = blank(new ScsiResponse());
        pdu.opcode(OperationCode.SCSI_RESPONSE.value());
        pdu.flags(0x80 | 0x02);
        pdu.status(2);
        pdu.initiatorTaskTag(0x01020304);
        pdu.expectedDataSequenceNumber(5);
        pdu.bidirectionalReadResidualBytes(6);
        pdu.residualBytes(7);
        assertBytes(
                "21 82 00 02 00 00 00 00 00 00 00 00 00 00 00 00 01 02 03 04 00 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 00 00 00 00 00 05 00 00 00 06 00 00 00 07",
                pdu);
    }

    @Test
    void readsDataOut() {
        DataOut pdu = at(
                new DataOut(),
                "05 80 00 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 00 00 00 00 03"
                        + "00 00 00 00 00 00 00 04 00 00 02 00 00 00 00 00");
        assertTrue(pdu.isFinal());
        assertEquals(1, pdu.initiatorTaskTag());
        assertEquals(2, pdu.targetTransferTag());
        assertEquals(4, pdu.dataSequenceNumber());
        assertEquals(0x200, pdu.bufferOffset());
    }

    @Test
    void writesDataInAndReadyToTransfer() {
        DataIn data = blank(new DataIn());
        data.opcode(OperationCode.SCSI_DATA_IN.value());
        data.flags(DataIn.LAST | DataIn.STATUS | 0x04);
        data.dataSegmentBytes(0x10000);
        data.targetTransferTag(-1);
        data.dataSequenceNumber(1);
        data.bufferOffset(0x20000);
        data.residualBytes(3);
        assertTrue(data.hasStatus());
        assertBytes(
                "25 85 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 00 00 00 00 00"
                        + "00 00 00 00 00 00 00 01 00 02 00 00 00 00 00 03",
                data);
        ReadyToTransfer ask = blank(new ReadyToTransfer());
        ask.opcode(OperationCode.R2T.value());
        ask.flags(0x80);
        ask.lun(0x0001_0000_0000_0000L);
        ask.targetTransferTag(9);
        ask.readyToTransferSequenceNumber(2);
        ask.bufferOffset(4);
        ask.desiredBytes(8);
        assertBytes(
                "31 80 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 09 00 00 00 00 00 00 00 00"
                        + "00 00 00 00 00 00 00 02 00 00 00 04 00 00 00 08",
                ask);
    }

    @Test
    void readsRequestsOfTheOtherKinds() {
        TaskManagementRequest manage = at(
                new TaskManagementRequest(),
                "42 81 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04"
                        + "00 00 00 05 00 00 00 00 00 00 00 00 00 00 00 00");
        assertEquals(1, manage.function());
        assertEquals(2, manage.referencedTaskTag());
        assertEquals(5, manage.referencedCommandSequenceNumber());
        LogoutRequest logout = at(
                new LogoutRequest(),
                "46 81 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 07 00 00 00 00 00 03 00 00 00 04"
                        + "00000000 00000000 00000000 00000000");
        assertEquals(1, logout.reason());
        assertEquals(7, logout.connectionId());
        TextRequest text = at(
                new TextRequest(),
                "04 40 00 00 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 01 ff ff ff ff 00 00 00 03 00 00 00 04"
                        + "00000000 00000000 00000000 00000000");
        assertTrue(text.isContinued());
        assertFalse(text.isFinal());
        assertEquals(-1, text.targetTransferTag());
        NopOut ping = at(
                new NopOut(),
                "40 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 02 00 00 00 03 00 00 00 04"
                        + "00000000 00000000 00000000 00000000");
        assertEquals(-1, ping.initiatorTaskTag());
        assertEquals(2, ping.targetTransferTag());
    }

    @Test
    void writesAnswersOfTheOtherKinds() {
        TaskManagementResponsePdu managed = blank(new TaskManagementResponsePdu());
        managed.response(5);
        assertEquals(5, managed.buffer().get(2));
        LogoutResponsePdu left = blank(new LogoutResponsePdu());
        left.response(2);
        left.timeToWaitSeconds(3);
        left.timeToRetainSeconds(4);
        assertEquals(0x0003_0004, left.buffer().getInt(40));
        TextResponse text = blank(new TextResponse());
        text.ends(false, true);
        assertEquals(0x40, text.flags());
        NopIn ping = blank(new NopIn());
        ping.targetTransferTag(0x11);
        assertEquals(0x11, ping.buffer().getInt(20));
        Reject reject = blank(new Reject());
        reject.reason(9);
        assertEquals(9, reject.buffer().get(2));
        AsyncMessage message = blank(new AsyncMessage());
        message.event(1);
        message.parameter1(2);
        message.parameter2(3);
        message.parameter3(4);
        assertEquals(0x0100_0002_0003_0004L, message.buffer().getLong(36));
    }

    @Test
    void knowsNoNameForUndefinedOpcodes() {
        assertNull(Opcodes.of(0x07));
        assertNull(Opcodes.of(0x1c));
    }

    @Test
    void sendsTheDigestLeastSignificantByteFirst() {
        ByteBuffer zeros = ByteBuffer.allocateDirect(32);
        assertEquals(0xaa36918a, new Digest().begin().add(zeros, 0, 32).wireValue());
        assertEquals(0, zeros.position());
    }

    @Test
    void comparesSerialNumbersAcrossTheWrap() {
        assertTrue(SerialNumber.isBefore(-1, 0));
        assertTrue(SerialNumber.isBefore(0x7fff_ffff, 0x8000_0000));
        assertFalse(SerialNumber.isBefore(5, 5));
        assertTrue(SerialNumber.isWithin(3, -2, 10));
        assertFalse(SerialNumber.isWithin(11, -2, 10));
    }

    @Test
    void splitsTextAtTheFirstEqualsSignOnly() {
        byte[] text = "SendTargets=\0X-a=b=c==\0\0".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        TextKeys keys = TextKeys.parse(text).orElseThrow();
        assertEquals("", keys.find("SendTargets").orElseThrow());
        assertEquals("b=c==", keys.find("X-a").orElseThrow());
        assertTrue(TextKeys.parse(new byte[] {'a', 0}).isEmpty());
        assertTrue(TextKeys.parse(new byte[] {'=', 'a', 0}).isEmpty());
    }
}
