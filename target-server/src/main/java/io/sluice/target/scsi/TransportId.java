package io.sluice.target.scsi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * iSCSI TransportIDs (SPC-4 section 7.6.4.6).
 *
 * <pre>
 * 0  FORMAT CODE (bits 6-7): 00b initiator device, 01b initiator port; PROTOCOL IDENTIFIER 5h (bits 0-3)
 * 2  ADDITIONAL LENGTH, a multiple of 4, at least 20
 * 4  iSCSI name, with 01b followed by ",i,0x" and the ISID; ended and padded with zeros
 * </pre>
 *
 * A port (01b) is what a registration stands for. Where registrations leave the ISID out, it is a device (00b).
 */
final class TransportId {
    private static final int ISCSI_DEVICE = 0x05;
    private static final int ISCSI_PORT = 0x45;
    private static final int HEADER_BYTES = 4;
    private static final int ADDITIONAL_BYTES_MIN = 20;
    private static final int NAME_BYTES_MAX = 223;
    private static final Pattern PORT_NAME = Pattern.compile("(.+),i,0x([0-9a-f]{1,12})");

    private TransportId() {}

    static byte[] encode(NexusIdentity nexus, boolean withIsid) {
        String name = withIsid
                ? String.format(Locale.ROOT, "%s,i,0x%012x", nexus.initiatorName(), nexus.isid())
                : nexus.initiatorName();
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int additional = Math.max(ADDITIONAL_BYTES_MIN, (text.length + 4) / 4 * 4);
        byte[] id = new byte[HEADER_BYTES + additional];
        id[0] = (byte) (withIsid ? ISCSI_PORT : ISCSI_DEVICE);
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
        return at + length > limit || length < HEADER_BYTES + ADDITIONAL_BYTES_MIN || length % 4 != 0 ? -1 : length;
    }

    /**
     * The nexus of this initiator port with a port of the target; null when it is no iSCSI initiator port. An initiator
     * device is one only where registrations leave the ISID out.
     */
    static @Nullable NexusIdentity decode(
            byte[] bytes, int at, int length, String targetName, int portalGroupTag, boolean withIsid) {
        int format = CdbField.u8(bytes, at);
        String name = name(Arrays.copyOfRange(bytes, at + HEADER_BYTES, at + length));
        if (format == ISCSI_DEVICE && !withIsid) {
            return nexus(name, 0, targetName, portalGroupTag);
        }
        Matcher port = PORT_NAME.matcher(name);
        return format == ISCSI_PORT && port.matches()
                ? nexus(port.group(1), Long.parseLong(port.group(2), 16), targetName, portalGroupTag)
                : null;
    }

    /** Up to the first zero; iSCSI names do not know case. */
    private static String name(byte[] field) {
        String text = new String(field, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).toLowerCase(Locale.ROOT);
    }

    private static @Nullable NexusIdentity nexus(String name, long isid, String targetName, int portalGroupTag) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        return bytes == 0 || bytes > NAME_BYTES_MAX ? null : new NexusIdentity(name, isid, targetName, portalGroupTag);
    }
}
