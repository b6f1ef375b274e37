package io.sluice.target.iscsi;

import io.sluice.target.iscsi.pdu.TextKeys;
import java.nio.ByteBuffer;

/** One PDU as bytes, for the scripted initiator: a header with accessors by position, and a data segment. */
public final class WirePdu {
    /** Length of the header. */
    public static final int HEADER_BYTES = 48;

    private final ByteBuffer header;
    private byte[] data;

    /** From what was received. */
    public WirePdu(byte[] header, byte[] data) {
        this.header = ByteBuffer.wrap(header);
        this.data = data.clone();
    }

    /** A fresh header of an initiator. */
    public static WirePdu request(int opcode, int flags) {
        return new WirePdu(new byte[HEADER_BYTES], new byte[0])
                .putByte(0, opcode)
                .putByte(1, flags);
    }

    public int opcode() {
        return header.get(0) & 0x3f;
    }

    /** The byte at a position of the header. */
    public int byteAt(int index) {
        return header.get(index) & 0xff;
    }

    /** Two bytes. */
    public int shortAt(int index) {
        return header.getShort(index) & 0xffff;
    }

    /** Four bytes. */
    public int intAt(int index) {
        return header.getInt(index);
    }

    /** Changes a byte. */
    public WirePdu putByte(int index, int value) {
        header.put(index, (byte) value);
        return this;
    }

    /** Changes two bytes. */
    public WirePdu putShort(int index, int value) {
        header.putShort(index, (short) value);
        return this;
    }

    /** Changes four bytes. */
    public WirePdu putInt(int index, int value) {
        header.putInt(index, value);
        return this;
    }

    /** Changes several bytes. */
    public WirePdu putBytes(int index, byte[] bytes) {
        header.put(index, bytes);
        return this;
    }

    /** Sets the data segment and its length field. */
    public WirePdu data(byte[] bytes) {
        data = bytes.clone();
        return putInt(4, bytes.length);
    }

    public byte[] data() {
        return data.clone();
    }

    byte[] headerBytes() {
        return header.array();
    }

    /** Flags of byte 1. */
    public int flags() {
        return byteAt(1);
    }

    /** Initiator task tag. */
    public int tag() {
        return intAt(16);
    }

    /** Status of a SCSI Response or a Data-In. */
    public int status() {
        return byteAt(3);
    }

    /** Login status. */
    public int loginStatus() {
        return shortAt(36);
    }

    /** Residual count of a SCSI Response or a Data-In. */
    public int residual() {
        return intAt(44);
    }

    /** The text of the data segment. */
    public TextKeys keys() {
        return TextKeys.parse(data).orElseThrow();
    }

    /** Sense key, ASC, ASCQ as 0xKKCCQQ. */
    public int senseCode() {
        return ((data[4] & 0x0f) << 16) | ((data[14] & 0xff) << 8) | (data[15] & 0xff);
    }

    @Override
    public String toString() {
        return String.format("opcode %02x flags %02x tag %08x data %d", opcode(), flags(), tag(), data.length);
    }
}
