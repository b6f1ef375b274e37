package io.sluice.target.scsi;

/** How many bytes a CDB asks to move in one direction; a pure function of the CDB and the block length. */
@FunctionalInterface
public interface DataLength {
    /** No data in this direction. */
    DataLength NONE = (cdb, blockBytes) -> 0;

    /** TRANSFER LENGTH blocks. */
    DataLength BLOCKS = (cdb, blockBytes) -> CdbField.transferLength(cdb) * blockBytes;

    long bytes(byte[] cdb, int blockBytes);

    /** A one-byte allocation or parameter list length. */
    static DataLength u8(int at) {
        return (cdb, blockBytes) -> CdbField.u8(cdb, at);
    }

    /** A two-byte allocation or parameter list length. */
    static DataLength u16(int at) {
        return (cdb, blockBytes) -> CdbField.u16(cdb, at);
    }

    /** A three-byte allocation or parameter list length. */
    static DataLength u24(int at) {
        return (cdb, blockBytes) -> CdbField.u24(cdb, at);
    }

    /** A four-byte allocation or parameter list length. */
    static DataLength u32(int at) {
        return (cdb, blockBytes) -> CdbField.u32(cdb, at);
    }
}
