package io.sluice.storage.recovery;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * What an operator has allowed the next opening to do, in a small file of the cache directory ({@code FORMAT.md} draws it).
 * It is good for exactly the state of the bucket for which it was said, and is used once.
 *
 * @param kind what was allowed
 * @param volume of which volume
 * @param manifestNumber the newest manifest when it was said
 * @param manifestTag its attempt tag
 * @param epoch its epoch
 * @param owner the gateway of that epoch
 */
public record OperatorWord(Kind kind, UUID volume, long manifestNumber, long manifestTag, long epoch, UUID owner) {
    /** What can be allowed. */
    public enum Kind {
        /** To open a volume that another gateway has not closed. Good for that gateway's epoch, whatever it still does in it. */
        TAKE_OVER(1),
        /** To open a bucket that is older than the cache directory knows it. Good for exactly its newest manifest. */
        ACCEPT_ROLLBACK(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        String file() {
            return "word." + name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** The word for the state of the bucket in which {@code newest} is the newest manifest. */
    public static OperatorWord of(Kind kind, Manifest newest) {
        return new OperatorWord(
                kind, newest.volume(), newest.number(), newest.attemptTag(), newest.epoch(), newest.owner());
    }

    /** Whether it was said of what is there now. */
    boolean isGoodFor(Manifest newest) {
        boolean sameOwner = volume.equals(newest.volume()) && epoch == newest.epoch() && owner.equals(newest.owner());
        return switch (kind) {
            case TAKE_OVER -> sameOwner;
            case ACCEPT_ROLLBACK ->
                sameOwner && manifestNumber == newest.number() && manifestTag == newest.attemptTag();
        };
    }

    /** Durable when it returns. Blocks. */
    public void write(LocalDisk disk) throws IOException {
        SmallFile.replace(disk, kind.file(), encode());
    }

    static Optional<OperatorWord> read(LocalDisk disk, Kind kind) throws IOException {
        Optional<ByteBuffer> bytes = SmallFile.read(disk, kind.file());
        return bytes.isEmpty()
                ? Optional.empty()
                : Optional.of(decode(kind, SmallFile.where(disk, kind.file()), bytes.get()));
    }

    static void remove(LocalDisk disk, Kind kind) throws IOException {
        SmallFile.remove(disk, kind.file());
    }

    ByteBuffer encode() {
        ByteWriter writer = new ByteWriter(128);
        FormatHeader.of(FormatKind.OPERATOR_WORD, volume, manifestNumber).write(writer);
        writer.u8(kind.code);
        writer.i64(manifestTag);
        writer.i64(epoch);
        writer.uuid(owner);
        writer.i32(CacheState.crc32c(writer.view()));
        return writer.view();
    }

    static OperatorWord decode(Kind kind, String file, ByteBuffer bytes) throws IOException {
        CheckedReader reader = new CheckedReader(file, bytes);
        FormatHeader header = FormatHeader.read(FormatKind.OPERATOR_WORD, reader);
        reader.check(reader.u8() == kind.code, "allows something else");
        OperatorWord word = new OperatorWord(
                kind,
                header.volume(),
                header.number(),
                reader.i64(),
                reader.number("epoch", 0, Long.MAX_VALUE),
                reader.uuid());
        int covered = reader.position();
        reader.check(reader.i32() == CacheState.crc32c(bytes.slice(bytes.position(), covered)), "has a wrong checksum");
        reader.end();
        return word;
    }
}
