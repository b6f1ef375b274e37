package io.sluice.target.iscsi.pdu;

/**
 * SCSI Command (RFC 7143 section 11.3).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|I| 0x01      |F|R|W|.|.|ATTR | reserved                      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | Logical Unit Number (LUN)                                     |
 *    16 | Initiator Task Tag                                            |
 *    20 | Expected Data Transfer Length                                 |
 *    24 | CmdSN                                                         |
 *    28 | ExpStatSN                                                     |
 *    32 | SCSI Command Descriptor Block (CDB), to byte 47               |
 *    48 | AHS (if any), Header-Digest (if any), data segment            |
 * </pre>
 */
public final class ScsiCommand extends InitiatorPdu {
    /** Length of the CDB field. */
    public static final int CDB_BYTES = 16;

    private static final int READ = 0x40;
    private static final int WRITE = 0x20;
    private static final int AHS_READ_LENGTH = 2;

    /** R: data-in is expected. */
    public boolean isRead() {
        return (flags() & READ) != 0;
    }

    /** W: data-out is expected. */
    public boolean isWrite() {
        return (flags() & WRITE) != 0;
    }

    /** ATTR, values of SAM's task attributes in iSCSI's coding. */
    public int attribute() {
        return flags() & 7;
    }

    /** EDTL: data-out of a bidirectional command, otherwise of the one direction. */
    public long expectedDataTransferBytes() {
        return intAt(20) & 0xffff_ffffL;
    }

    public void expectedDataTransferBytes(long value) {
        putInt(20, (int) value);
    }

    /** Copies the CDB field; an extended CDB (AHS type 1) is not looked at. */
    public void copyCdbTo(byte[] destination) {
        buffer().get(offset() + 32, destination, 0, CDB_BYTES);
    }

    /** The expected read length of a bidirectional command, from its AHS (section 11.2.2.4); 0 when it is missing. */
    public long bidirectionalReadBytes() {
        int end = BYTES + ahsBytes();
        for (int at = BYTES; at + 8 <= end; at += (shortAt(at) + 3 + 3) & ~3) {
            if (byteAt(at + 2) == AHS_READ_LENGTH) {
                return intAt(at + 4) & 0xffff_ffffL;
            }
        }
        return 0;
    }
}
