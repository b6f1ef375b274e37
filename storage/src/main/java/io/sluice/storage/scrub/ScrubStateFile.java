package io.sluice.storage.scrub;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file {@value #FILE} with a {@link ScrubState}, replaced as a whole. Confined to one lane that may block. */
final class ScrubStateFile {
    static final String FILE = "scrub-state";
    private static final String TEMPORARY = "scrub-state.new";
    private static final int BYTES_MAX = 64 << 20;
    private static final Logger log = LoggerFactory.getLogger(ScrubStateFile.class);

    private final LocalDisk disk;

    ScrubStateFile(LocalDisk disk) {
        this.disk = disk;
    }

    /** The state of an interrupted scrub of {@code volume}; empty when there is none that can be used, which is told. */
    Optional<ScrubState> load(UUID volume) {
        try {
            if (!disk.exists(FILE)) {
                return Optional.empty();
            }
            try (DiskFile file = disk.open(FILE)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(BYTES_MAX, file.size()));
                file.read(bytes, 0);
                ScrubState state = ScrubState.decode(FILE, bytes.flip());
                return state.volume().equals(volume) ? Optional.of(state) : Optional.empty();
            }
        } catch (IOException unusable) {
            log.warn(
                    "{} in {} cannot be used, the scrub begins anew: {}", FILE, disk.describe(), unusable.getMessage());
            return Optional.empty();
        }
    }

    /** Best effort: a scrub whose state cannot be kept goes on, and begins anew after an interruption. */
    void save(ScrubState state) {
        try {
            try (DiskFile file = disk.create(TEMPORARY)) {
                file.write(ByteBuffer.wrap(state.encode()), 0);
                file.sync();
            }
            disk.rename(TEMPORARY, FILE);
            disk.syncDirectory();
        } catch (IOException failure) {
            log.warn("the state of the scrub cannot be kept in {}: {}", disk.describe(), failure.getMessage());
        }
    }

    /** The scrub is over. */
    void clear() {
        try {
            if (disk.exists(FILE)) {
                disk.delete(FILE);
                disk.syncDirectory();
            }
        } catch (IOException failure) {
            log.warn("the state of the scrub cannot be removed from {}: {}", disk.describe(), failure.getMessage());
        }
    }
}
