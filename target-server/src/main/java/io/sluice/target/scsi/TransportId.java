package io.sluice.target.scsi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * iSCSI TransportIDs (SPC-4 section 7.6.4.6), format 01b: the name of an initiator port.
 *
 * <pre>
 * 0  45h: FORMAT CODE 01b, PROTOCOL IDENTIFIER 5h
 * 2  ADDITIONAL LENGTH, a multiple of 4, at least 20
 * 4  iSCSI name ",i,0x" ISID, ended and padded with zeros
 * </pre>
 */
final class TransportId {
    private static final int ISCSI_PORT = 0x45;
    private static final String SEPARATOR = ",i,0x";
    private static final int HEADER_BYTES = 4;
    private static final int ADDITIONAL_BYTES_MIN = 20;

    private TransportId() {}

    static byte[] encode(NexusIdentity nexus) {
        String name = String.format(Locale.ROOT, "%s%s%012x", nexus.initiatorName(), SEPARATOR, nexus.isid());
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int additional = Math.max(ADDITIONAL_BYTES_MIN, (text.length + 4) / 4 * 4);
        byte[] id = new byte[HEADER_BYTES + additional];
        id[0] = ISCSI_PORT;
        CdbField.putU16(id, 2, additional);
        System.arraycopy(text, 0, id, HEADER_BYTES, text.length);
        return id;
    }

    /** The length of the TransportID that begins here, -1 when there is none within the limit. */
    static int length(byte[] bytes, int at, int limit) {
        if (at + HEADER_BYTES > limit) {
            return -1;
        }
        int length = HEADER_BYTES + CdbField.u16(bytes, at + 2);
        return at + length > limit ? -1 : length;
    }

    /** The nexus of this initiator port with a port of the target; null when it is no iSCSI initiator port. */
    static @Nullable NexusIdentity decode(byte[] bytes, int at, int length, String targetName, int portalGroupTag) {
        if (CdbField.u8(bytes, at) != ISCSI_PORT) {
            return null;
        }
        byte[] text = Arrays.copyOfRange(bytes, at + HEADER_BYTES, at + length);
        String name = new String(text, StandardCharsets.UTF_8);
        int end = name.indexOf('\0');
        name = (end < 0 ? name : name.substring(0, end)).toLowerCase(Locale.ROOT);
        int separator = name.indexOf(SEPARATOR);
        if (separator <= 0) {
            return null;
        }
        try {
            long isid = Long.parseLong(name.substring(separator + SEPARATOR.length()), 16);
            return new NexusIdentity(name.substring(0, separator), isid, targetName, portalGroupTag);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
