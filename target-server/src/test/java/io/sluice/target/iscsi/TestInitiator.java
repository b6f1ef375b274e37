package io.sluice.target.iscsi;

import io.sluice.target.iscsi.pdu.TextKeys;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A scripted initiator on a raw socket: sends exactly what a test says, reads one PDU at a time. Its codec is
 * independent of the one under test.
 */
public final class TestInitiator implements AutoCloseable {
    /** Its name unless told otherwise. */
    public static final String NAME = "iqn.2026-11.io.sluice.test:initiator";

    private static final int LOGIN = 0x43;
    private static final int TRANSIT = 0x80;
    private static final int RESERVED_TAG = -1;
    private static final int READ_TIMEOUT_MILLIS = 5_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private boolean headerDigest;
    private boolean dataDigest;
    private int commandNumber = 1;
    private int statusNumber = 1;
    private int nextTag = 0x100;
    private long isid = 0x4000_1234_0001L;

    /** Connects. */
    public TestInitiator(InetSocketAddress portal) throws IOException {
        socket = new Socket(portal.getAddress(), portal.getPort());
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** The initiator port: sessions with another ISID live beside each other. */
    public TestInitiator isid(long value) {
        isid = value;
        return this;
    }

    /** The CmdSN that the next command gets. */
    public int commandNumber() {
        return commandNumber;
    }

    /** Continues with this CmdSN. */
    public TestInitiator commandNumber(int value) {
        commandNumber = value;
        return this;
    }

    /** Both digests on or off for everything that follows. */
    public TestInitiator digests(boolean ofHeader, boolean ofData) {
        headerDigest = ofHeader;
        dataDigest = ofData;
        return this;
    }

    public Socket socket() {
        return socket;
    }

    /** A Login Request with stages and keys; byte 1 is given as it is. */
    public WirePdu loginRequest(int flags, TextKeys keys) {
        return WirePdu.request(LOGIN, flags)
                .putShort(8, (int) (isid >>> 32))
                .putInt(10, (int) isid)
                .putInt(16, 1)
                .putInt(24, commandNumber)
                .putInt(28, statusNumber)
                .data(keys.encode());
    }

    /** Names for a normal session. */
    public static TextKeys names(String target) {
        return TextKeys.of("InitiatorName", NAME, "SessionType", "Normal", "TargetName", target);
    }

    /** Logs in with operational keys; returns the final response. */
    public WirePdu login(String target, String... keys) throws IOException {
        WirePdu first =
                exchange(loginRequest(TRANSIT | (0 << 2) | 1, names(target).and(TextKeys.of("AuthMethod", "None"))));
        if (first.loginStatus() != 0) {
            return first;
        }
        return finishLogin(keys);
    }

    /** The operational stage. */
    public WirePdu finishLogin(String... keys) throws IOException {
        WirePdu last = exchange(loginRequest(TRANSIT | (1 << 2) | 3, TextKeys.of(keys)));
        TextKeys agreed = last.keys();
        headerDigest = agreed.find("HeaderDigest").orElse("None").equals("CRC32C");
        dataDigest = agreed.find("DataDigest").orElse("None").equals("CRC32C");
        return last;
    }

    /** Logs in for discovery. */
    public WirePdu loginDiscovery() throws IOException {
        return exchange(
                loginRequest(TRANSIT | (1 << 2) | 3, TextKeys.of("InitiatorName", NAME, "SessionType", "Discovery")));
    }

    /** A tag nobody has. */
    public int newTag() {
        return nextTag++;
    }

    /** A SCSI Command with the next CmdSN; flags are F 80h, R 40h, W 20h, ATTR. */
    public WirePdu command(int flags, long expectedBytes, byte[] cdb) {
        return WirePdu.request(0x01, flags)
                .putInt(16, newTag())
                .putInt(20, (int) expectedBytes)
                .putInt(24, commandNumber++)
                .putInt(28, statusNumber)
                .putBytes(32, cdb);
    }

    /** READ (10) of whole blocks, with R and the length that fits. */
    public WirePdu read(int block, int blocks) {
        return command(0xc1, (long) blocks * RamDisk.BLOCK_BYTES, cdb10(0x28, block, blocks));
    }

    /** WRITE (10) with everything as immediate data. */
    public WirePdu write(int block, byte[] bytes) {
        return command(0xa1, bytes.length, cdb10(0x2a, block, bytes.length / RamDisk.BLOCK_BYTES))
                .data(bytes);
    }

    /** A ten-byte CDB with address and length. */
    public static byte[] cdb10(int opcode, int block, int blocks) {
        return ByteBuffer.allocate(10)
                .put((byte) opcode)
                .put((byte) 0)
                .putInt(block)
                .put((byte) 0)
                .putShort((short) blocks)
                .array();
    }

    /** A Data-Out. */
    public WirePdu dataOut(boolean last, int tag, int transferTag, int number, int offset, byte[] bytes) {
        return WirePdu.request(0x05, last ? 0x80 : 0)
                .putInt(16, tag)
                .putInt(20, transferTag)
                .putInt(28, statusNumber)
                .putInt(36, number)
                .putInt(40, offset)
                .data(bytes);
    }

    /** An unsolicited Data-Out. */
    public WirePdu unsolicited(boolean last, int tag, int number, int offset, byte[] bytes) {
        return dataOut(last, tag, RESERVED_TAG, number, offset, bytes);
    }

    /** An immediate NOP-Out that wants an answer. */
    public WirePdu ping(byte[] data) {
        return WirePdu.request(0x40, 0x80)
                .putInt(16, newTag())
                .putInt(20, RESERVED_TAG)
                .putInt(24, commandNumber)
                .putInt(28, statusNumber)
                .data(data);
    }

    /** An immediate Logout Request. */
    public WirePdu logout(int reason) {
        return WirePdu.request(0x46, 0x80 | reason)
                .putInt(16, newTag())
                .putInt(24, commandNumber)
                .putInt(28, statusNumber);
    }

    /** An immediate task management request for LUN 0. */
    public WirePdu manage(int function, int referencedTag, int referencedNumber) {
        return WirePdu.request(0x42, 0x80 | function)
                .putInt(16, newTag())
                .putInt(20, referencedTag)
                .putInt(24, commandNumber)
                .putInt(28, statusNumber)
                .putInt(32, referencedNumber);
    }

    /** A Text Request that is not immediate. */
    public WirePdu text(int flags, int transferTag, byte[] text) {
        return WirePdu.request(0x04, flags)
                .putInt(16, newTag())
                .putInt(20, transferTag)
                .putInt(24, commandNumber++)
                .putInt(28, statusNumber)
                .data(text);
    }

    /** Sends PDUs in one piece. */
    public void send(WirePdu... pdus) throws IOException {
        byte[][] encoded = new byte[pdus.length][];
        int length = 0;
        for (int i = 0; i < pdus.length; i++) {
            encoded[i] = encode(pdus[i]);
            length += encoded[i].length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] one : encoded) {
            all.put(one);
        }
        sendBytes(all.array());
    }

    /** Sends bytes as they are. */
    public void sendBytes(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** As on the wire: padding and digests included. */
    public byte[] encode(WirePdu pdu) {
        byte[] data = pdu.data();
        int padded = (data.length + 3) & ~3;
        ByteBuffer wire = ByteBuffer.allocate(WirePdu.HEADER_BYTES + padded + 8);
        wire.put(pdu.headerBytes());
        if (headerDigest) {
            wire.putInt(digest(pdu.headerBytes()));
        }
        if (data.length > 0) {
            byte[] segment = Arrays.copyOf(data, padded);
            wire.put(segment);
            if (dataDigest) {
                wire.putInt(digest(segment));
            }
        }
        return Arrays.copyOf(wire.array(), wire.position());
    }

    /** Sends and reads the next PDU. */
    public WirePdu exchange(WirePdu pdu) throws IOException {
        send(pdu);
        return receive();
    }

    /** The next PDU of the target; EOFException when it closed. */
    public WirePdu receive() throws IOException {
        byte[] header = in.readNBytes(WirePdu.HEADER_BYTES);
        if (header.length < WirePdu.HEADER_BYTES) {
            throw new EOFException("the target closed the connection");
        }
        if (headerDigest && in.readInt() != digest(header)) {
            throw new IOException("header digest of the target is wrong");
        }
        int length = ByteBuffer.wrap(header).getInt(4) & 0xff_ffff;
        byte[] segment = new byte[(length + 3) & ~3];
        in.readFully(segment);
        if (dataDigest && length > 0 && in.readInt() != digest(segment)) {
            throw new IOException("data digest of the target is wrong");
        }
        return new WirePdu(header, Arrays.copyOf(segment, length));
    }

    /** Reads Data-Ins up to the status; returns all bytes. */
    public byte[] receiveData(int bytes) throws IOException {
        byte[] all = new byte[bytes];
        while (true) {
            WirePdu pdu = receive();
            if (pdu.opcode() != 0x25) {
                throw new IOException("expected Data-In, got " + pdu);
            }
            byte[] data = pdu.data();
            System.arraycopy(data, 0, all, pdu.intAt(40), data.length);
            if ((pdu.flags() & 1) != 0) {
                return all;
            }
        }
    }

    /** True when the target closes the connection; PDUs before that are skipped. */
    public boolean isClosedByTarget() throws IOException {
        try {
            while (true) {
                receive();
            }
        } catch (EOFException | java.net.SocketException e) {
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static int digest(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.reverseBytes((int) crc.getValue());
    }
}
