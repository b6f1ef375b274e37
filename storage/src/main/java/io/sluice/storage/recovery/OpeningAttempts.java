package io.sluice.storage.recovery;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * With which manifests a cache directory has tried to open its volume since an opening last came to its end, in the file
 * {@value #FILE} ({@code FORMAT.md} draws it). A process may die between the put of such a manifest and the note that it
 * succeeded, and the put may arrive long after: by its tag, which nobody else can know, the next opening recognises it.
 * An epoch's number would not do: a copy of the directory counts the same.
 *
 * @param volume of which volume
 * @param attempts oldest first, at most {@value #KEPT}
 */
record OpeningAttempts(UUID volume, List<Attempt> attempts) {
    static final String FILE = "opening";
    /** A put can arrive late for as long as a process tries it; so many openings are not begun in that time. */
    static final int KEPT = 64;

    /**
     * One try.
     *
     * @param epoch that was to be opened
     * @param tag the attempt tag of its manifest
     */
    record Attempt(long epoch, long tag) {}

    /** Copies the list. */
    OpeningAttempts {
        attempts = List.copyOf(attempts);
    }

    static OpeningAttempts none(UUID volume) {
        return new OpeningAttempts(volume, List.of());
    }

    /** The same and {@code manifest}, without the oldest when there are too many. */
    OpeningAttempts with(Manifest manifest) {
        List<Attempt> more = new ArrayList<>(attempts);
        more.add(new Attempt(manifest.epoch(), manifest.attemptTag()));
        return new OpeningAttempts(volume, more.subList(Math.max(0, more.size() - KEPT), more.size()));
    }

    /** Whether {@code manifest} is one of them. */
    boolean contains(Manifest manifest) {
        return volume.equals(manifest.volume())
                && attempts.contains(new Attempt(manifest.epoch(), manifest.attemptTag()));
    }

    /** The highest epoch that was tried; 0 when none was. */
    long epochMax() {
        return attempts.stream().mapToLong(Attempt::epoch).max().orElse(0);
    }

    /** Durable when it returns. Blocks. */
    void write(LocalDisk disk) throws IOException {
        SmallFile.replace(disk, FILE, encode());
    }

    static void remove(LocalDisk disk) throws IOException {
        SmallFile.remove(disk, FILE);
    }

    /** Empty when no opening was interrupted. */
    static Optional<OpeningAttempts> read(LocalDisk disk) throws IOException {
        Optional<ByteBuffer> bytes = SmallFile.read(disk, FILE);
        return bytes.isEmpty() ? Optional.empty() : Optional.of(decode(SmallFile.where(disk, FILE), bytes.get()));
    }

    ByteBuffer encode() {
        ByteWriter writer = new ByteWriter(128 + KEPT * 2 * Long.BYTES);
        FormatHeader.of(FormatKind.OPENING_ATTEMPTS, volume, attempts.size()).write(writer);
        for (Attempt attempt : attempts) {
            writer.i64(attempt.epoch());
            writer.i64(attempt.tag());
        }
        writer.i32(CacheState.crc32c(writer.view()));
        return writer.view();
    }

    static OpeningAttempts decode(String file, ByteBuffer bytes) throws IOException {
        CheckedReader reader = new CheckedReader(file, bytes);
        FormatHeader header = FormatHeader.read(FormatKind.OPENING_ATTEMPTS, reader);
        reader.check(header.number() >= 0 && header.number() <= KEPT, "has too many entries");
        List<Attempt> attempts = new ArrayList<>();
        for (long i = 0; i < header.number(); i++) {
            attempts.add(new Attempt(reader.number("epoch", 1, Long.MAX_VALUE), reader.i64()));
        }
        int covered = reader.position();
        reader.check(reader.i32() == CacheState.crc32c(bytes.slice(bytes.position(), covered)), "has a wrong checksum");
        reader.end();
        return new OpeningAttempts(header.volume(), attempts);
    }
}
