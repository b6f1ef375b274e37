package io.sluice.target.scsi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The stored form of a {@link ReservationState}, big-endian.
 *
 * <pre>
 *  0  magic "SLPR"                     each registrant:
 *  4  format version, 1 (2 bytes)       0  key (8)
 *  6  flags: APTPL(0)                   8  ISID (8)
 *  7  type code, 0 for none            16  target portal group tag (2)
 *  8  PRGENERATION (4)                 18  length of the initiator's name (2), the name in UTF-8
 * 12  index of the holder, FFFFh none      length of the target's name (2), the name in UTF-8
 * 14  number of registrants (2)
 * 16  registrants, in the order of registration
 *     CRC32C of everything before (4)
 * </pre>
 */
public final class ReservationStateCodec {
    private static final int MAGIC = 0x534C5052;
    private static final int VERSION = 1;
    private static final int APTPL = 0x01;
    private static final int NO_HOLDER = 0xFFFF;
    private static final int HEADER_BYTES = 16;
    private static final int CHECKSUM_BYTES = 4;
    private static final int REGISTRANT_BYTES = 22;

    private ReservationStateCodec() {}

    public static byte[] encode(ReservationState state) {
        ReservationType type = state.type();
        List<NexusIdentity> registrants = new ArrayList<>(state.keys().keySet());
        int holder = state.holder() == null ? NO_HOLDER : registrants.indexOf(state.holder());
        ParameterData data = new ParameterData()
                .u32(MAGIC)
                .u16(VERSION)
                .u8(state.throughPowerLoss() ? APTPL : 0)
                .u8(type == null ? 0 : type.code())
                .u32(state.generation())
                .u16(holder)
                .u16(registrants.size());
        state.keys().forEach((nexus, key) -> {
            data.u64(key).u64(nexus.isid()).u16(nexus.portalGroupTag());
            putName(data, nexus.initiatorName());
            putName(data, nexus.targetName());
        });
        return data.u32(checksum(data.bytes(), data.length())).toByteArray();
    }

    /** How long {@link #encode} makes it. */
    static int encodedBytes(ReservationState state) {
        int bytes = HEADER_BYTES + CHECKSUM_BYTES;
        for (NexusIdentity nexus : state.keys().keySet()) {
            bytes += REGISTRANT_BYTES
                    + nexus.initiatorName().getBytes(StandardCharsets.UTF_8).length
                    + nexus.targetName().getBytes(StandardCharsets.UTF_8).length;
        }
        return bytes;
    }

    private static void putName(ParameterData data, String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        data.u16(text.length).bytes(text);
    }

    private static long checksum(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        return checksum.getValue();
    }

    /** Throws when the bytes are damaged or of a version that this program does not know. */
    public static ReservationState decode(byte[] bytes) throws IOException {
        if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES || CdbField.u32(bytes, 0) != MAGIC) {
            throw new IOException("not a record of persistent reservations");
        }
        int end = bytes.length - CHECKSUM_BYTES;
        if (CdbField.u16(bytes, 4) != VERSION) {
            throw new IOException("persistent reservations of format version " + CdbField.u16(bytes, 4)
                    + ", this program knows version " + VERSION);
        }
        if (CdbField.u32(bytes, end) != checksum(bytes, end)) {
            throw new IOException("the record of persistent reservations is damaged");
        }
        return new Reader(bytes, end).state();
    }

    /** Walks over checked bytes; still refuses lengths that lead outside. */
    private static final class Reader {
        private final byte[] bytes;
        private final int end;
        private int at = HEADER_BYTES;

        Reader(byte[] bytes, int end) {
            this.bytes = bytes;
            this.end = end;
        }

        ReservationState state() throws IOException {
            Map<NexusIdentity, Long> keys = new LinkedHashMap<>();
            int count = CdbField.u16(bytes, 14);
            int holderIndex = CdbField.u16(bytes, 12);
            @Nullable NexusIdentity holder = null;
            for (int i = 0; i < count; i++) {
                int start = take(18);
                String initiator = name();
                NexusIdentity nexus = new NexusIdentity(
                        initiator, CdbField.u64(bytes, start + 8), name(), CdbField.u16(bytes, start + 16));
                keys.put(nexus, CdbField.u64(bytes, start));
                holder = i == holderIndex ? nexus : holder;
            }
            ReservationType type = ReservationType.of(CdbField.u8(bytes, 7));
            boolean durable = CdbField.bit(bytes, 6, APTPL);
            return new ReservationState(CdbField.u32(bytes, 8), keys, type, holder, durable);
        }

        private String name() throws IOException {
            int length = CdbField.u16(bytes, take(2));
            return new String(bytes, take(length), length, StandardCharsets.UTF_8);
        }

        private int take(int length) throws IOException {
            int start = at;
            at += length;
            if (at > end) {
                throw new IOException("the record of persistent reservations is too short");
            }
            return start;
        }
    }
}
