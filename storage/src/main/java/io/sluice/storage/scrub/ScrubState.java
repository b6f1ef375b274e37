package io.sluice.storage.scrub;

import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * How far a scrub came, and what it found: enough to go on with it after an interruption. Objects are read in the order of
 * their keys; all up to and including {@code position} are done.
 *
 * <pre>
 *   0  common header: "SluiceSB", version 1, volume UUID, 0 (FormatHeader, 36 bytes)
 *  36  started, milliseconds since 1970 (8)
 *      position (text: length 2, UTF-8)
 *      counts of manifests, identity copies, checkpoints, segments, bytes, vanished (8 each)
 *      damages: count (4), then each: key (text), flags (1: bit 0 missing, bit 1 whole), what (text),
 *               frames: count (4), offsets (4 each)
 * end  CRC32C of all before (4)
 * </pre>
 *
 * Big-endian. Lost or damaged, it costs nothing but reading again.
 */
record ScrubState(UUID volume, long startedMillis, String position, Counts counts, List<ScrubDamage> damages) {
    private static final int WHAT_BYTES_MAX = 1000;
    private static final int KEY_BYTES_MAX = 512;
    private static final int DAMAGES_MAX = 1 << 20;
    private static final int FRAMES_MAX = 1 << 16;

    /** Objects and bytes that were read. */
    record Counts(long manifests, long identityCopies, long checkpoints, long segments, long bytes, long vanished) {
        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0);

        long objects() {
            return manifests + identityCopies + checkpoints + segments + vanished;
        }
    }

    ScrubState {
        damages = List.copyOf(damages);
    }

    static ScrubState begun(UUID volume, long startedMillis) {
        return new ScrubState(volume, startedMillis, "", Counts.NONE, List.of());
    }

    byte[] encode() {
        ByteWriter writer = new ByteWriter(1024);
        FormatHeader.of(FormatKind.SCRUB, volume, 0).write(writer);
        writer.i64(startedMillis);
        writer.text(position);
        writer.i64(counts.manifests());
        writer.i64(counts.identityCopies());
        writer.i64(counts.checkpoints());
        writer.i64(counts.segments());
        writer.i64(counts.bytes());
        writer.i64(counts.vanished());
        writer.i32(damages.size());
        for (ScrubDamage damage : damages) {
            writer.text(damage.object());
            writer.u8((damage.missing() ? 1 : 0) | (damage.whole() ? 2 : 0));
            writer.text(shortened(damage.what()));
            writer.i32(damage.frames().size());
            damage.frames().forEach(writer::i32);
        }
        CRC32C checksum = new CRC32C();
        checksum.update(writer.view());
        writer.i32((int) checksum.getValue());
        return writer.toBytes();
    }

    private static String shortened(String what) {
        byte[] bytes = what.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= WHAT_BYTES_MAX
                ? what
                : new String(Arrays.copyOf(bytes, WHAT_BYTES_MAX - 3), StandardCharsets.US_ASCII);
    }

    /** Back from {@link #encode}; {@code file} names it. */
    static ScrubState decode(String file, ByteBuffer bytes) throws DamagedObjectException, UnsupportedFormatException {
        CheckedReader whole = new CheckedReader(file, bytes);
        whole.check(bytes.remaining() >= FormatHeader.BYTES + Integer.BYTES, "is too short");
        int covered = bytes.remaining() - Integer.BYTES;
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.slice(bytes.position(), covered));
        whole.check(bytes.getInt(bytes.position() + covered) == (int) checksum.getValue(), "its checksum is wrong");
        CheckedReader reader = new CheckedReader(file, bytes.slice(bytes.position(), covered));
        UUID volume = FormatHeader.read(FormatKind.SCRUB, reader).volume();
        long started = reader.i64();
        String position = reader.text("position", KEY_BYTES_MAX);
        Counts counts = new Counts(reader.i64(), reader.i64(), reader.i64(), reader.i64(), reader.i64(), reader.i64());
        int count = reader.count("damages", 0, DAMAGES_MAX);
        List<ScrubDamage> damages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            damages.add(damage(reader));
        }
        reader.end();
        return new ScrubState(volume, started, position, counts, damages);
    }

    private static ScrubDamage damage(CheckedReader reader) throws DamagedObjectException {
        String key = reader.text("key", KEY_BYTES_MAX);
        int flags = reader.u8();
        String what = reader.text("what", WHAT_BYTES_MAX);
        int count = reader.count("frames", 0, FRAMES_MAX);
        List<Integer> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            frames.add(reader.i32());
        }
        return new ScrubDamage(key, (flags & 1) != 0, what, frames, (flags & 2) != 0);
    }
}
