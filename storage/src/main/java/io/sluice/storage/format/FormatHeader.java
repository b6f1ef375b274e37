package io.sluice.storage.format;

import java.util.UUID;

/**
 * How every file and object begins. All numbers are big-endian.
 *
 * <pre>
 *   0        8         12                 28         36
 *  +--------+---------+------------------+----------+
 *  | magic  | version | volume UUID      | number   |
 *  +--------+---------+------------------+----------+
 * </pre>
 *
 * <p>Whoever embeds it protects it (checksum or seal) together with the rest.
 *
 * @param kind what it is
 * @param version of the format, from 1
 * @param volume whose it is
 * @param number its own number in its series
 */
public record FormatHeader(FormatKind kind, int version, UUID volume, long number) {
    /** Its length. */
    public static final int BYTES = 36;

    /** A header of the newest version of {@code kind}. */
    public static FormatHeader of(FormatKind kind, UUID volume, long number) {
        return new FormatHeader(kind, kind.version(), volume, number);
    }

    /**
     * Reads one. The magic is looked at first, then the version, so that what a newer Sluice wrote is not called damaged.
     */
    public static FormatHeader read(FormatKind kind, CheckedReader reader)
            throws DamagedObjectException, UnsupportedFormatException {
        reader.check(reader.i64() == kind.magic(), "does not begin with \"" + kind.magicText() + "\"");
        int version = reader.i32();
        reader.check(version >= 1, "format version " + version + " does not exist");
        if (version > kind.version()) {
            throw new UnsupportedFormatException(reader.object(), version, kind.version());
        }
        return new FormatHeader(kind, version, reader.uuid(), reader.i64());
    }

    /** Appends its {@link #BYTES} bytes. */
    public void write(ByteWriter writer) {
        writer.i64(kind.magic());
        writer.i32(version);
        writer.uuid(volume);
        writer.i64(number);
    }

    /** Fails unless this is number {@code number} of volume {@code volume}. */
    public void expect(String object, UUID expectedVolume, long expectedNumber) throws DamagedObjectException {
        if (!volume.equals(expectedVolume)) {
            throw new DamagedObjectException(object, "belongs to volume " + volume + ", not to " + expectedVolume);
        }
        if (number != expectedNumber) {
            throw new DamagedObjectException(object, "says it is number " + number + ", not " + expectedNumber);
        }
    }
}
