package io.sluice.target.lun;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A parameter list of EXTENDED COPY (LID1), as an initiator writes it. */
final class CopyList {
    private final List<String> cscds = new ArrayList<>();
    private final List<String> segments = new ArrayList<>();
    private int identifier = 1;
    private int usage;
    private int inlineBytes;

    CopyList identifier(int value) {
        identifier = value;
        return this;
    }

    /** LIST ID USAGE: 0 held, 2 discarded, 3 none. */
    CopyList usage(int value) {
        usage = value;
        return this;
    }

    CopyList inline(int bytes) {
        inlineBytes = bytes;
        return this;
    }

    /** Names a unit by its NAA identifier. */
    CopyList unit(LogicalUnit unit) {
        return unit(unit.identity().naa(), unit.blockBytes());
    }

    CopyList unit(byte[] naa, int blockBytes) {
        return cscd(
                "e4000000" + "01030010" + HexFormat.of().formatHex(naa) + "00000000" + "00%06x".formatted(blockBytes));
    }

    CopyList cscd(String hexadecimal) {
        cscds.add(hexadecimal);
        return this;
    }

    /** Blocks of the source. */
    CopyList copy(int source, long from, int destination, long to, int blocks) {
        return segment("02000018%04x%04x0000%04x%016x%016x".formatted(source, destination, blocks, from, to));
    }

    /** Blocks of the destination (DC). */
    CopyList copyDestinationBlocks(int source, long from, int destination, long to, int blocks) {
        return segment("02020018%04x%04x0000%04x%016x%016x".formatted(source, destination, blocks, from, to));
    }

    /** Bytes, with offsets in the first blocks. */
    CopyList copyBytes(int source, long from, int fromOffset, int destination, long to, int toOffset, long bytes) {
        return segment("0a00001c%04x%04x%08x%016x%016x%04x%04x"
                .formatted(source, destination, bytes, from, to, fromOffset, toOffset));
    }

    CopyList segment(String hexadecimal) {
        segments.add(hexadecimal);
        return this;
    }

    byte[] bytes() {
        String targets = String.join("", cscds);
        String copies = String.join("", segments);
        return CdbScript.cdb("%02x%02x%04x00000000%08x%08x"
                        .formatted(identifier, usage << 3, targets.length() / 2, copies.length() / 2, inlineBytes)
                + targets
                + copies);
    }

    CdbScript.Answer send(CdbScript initiator) {
        byte[] list = bytes();
        return initiator.write(list, "83 00 0000000000000000 %08x 00 00", list.length);
    }

    /** Leaves it under way when a volume holds it. */
    CdbScript.Answer start(CdbScript initiator) {
        byte[] list = bytes();
        return initiator.start(
                CdbScript.cdb("83 00 0000000000000000 %08x 00 00", list.length),
                list,
                0,
                io.sluice.target.scsi.TaskAttribute.SIMPLE);
    }
}
