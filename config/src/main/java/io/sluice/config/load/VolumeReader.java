package io.sluice.config.load;

import io.sluice.config.ByteSize;
import io.sluice.config.SecretSource;
import io.sluice.config.VolumeSettings;
import io.sluice.config.schema.Key;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.MistakeLog;
import java.nio.file.Path;
import java.util.Optional;

/** Makes a volume's settings of a LUN's values, and finds those that cannot be true together. */
final class VolumeReader {
    private static final int JOURNAL_FILES_MIN = 4;
    private static final int ALIGNMENT_BYTES = 4096;

    private final MistakeLog log;
    private final SecretReader secrets;
    private final StoreDirectory stores;
    private final Path dataDirectory;

    VolumeReader(MistakeLog log, SecretReader secrets, StoreDirectory stores, Path dataDirectory) {
        this.log = log;
        this.secrets = secrets;
        this.stores = stores;
        this.dataDirectory = dataDirectory;
    }

    /** What is missing or wrong is replaced by stand-ins, after it went to the log. */
    VolumeSettings read(SectionValues lun) {
        String name = lun.get(LunSchema.VOLUME);
        SectionValues readCache = lun.section(VolumeSchema.READ_CACHE);
        SectionValues checkpoint = lun.section(VolumeSchema.CHECKPOINT);
        warnOfNoEncryption(lun.section(VolumeSchema.ENCRYPTION));
        VolumeSettings.Journal journal = readJournal(lun.section(VolumeSchema.JOURNAL));
        return new VolumeSettings(
                name,
                lun.get(LunSchema.CACHE_DIRECTORY).orElse(dataDirectory.resolve(name)),
                stores.find(lun).orElse(StandIns.STORE),
                readEncryption(lun),
                lun.get(VolumeSchema.COMPRESSION),
                lun.get(VolumeSchema.DURABILITY),
                journal,
                readFlush(lun, journal),
                new VolumeSettings.ReadCache(
                        readCache.get(VolumeSchema.READ_CACHE_CAPACITY),
                        readCache.get(VolumeSchema.READ_CACHE_READ_AHEAD)),
                new VolumeSettings.Index(lun.section(VolumeSchema.INDEX).get(VolumeSchema.INDEX_MEMORY)),
                new VolumeSettings.Checkpoint(
                        checkpoint.get(VolumeSchema.CHECKPOINT_INTERVAL),
                        checkpoint.get(VolumeSchema.CHECKPOINT_SEGMENTS)),
                readCollector(lun.section(VolumeSchema.COLLECTOR)),
                lun.get(VolumeSchema.FENCING),
                lun.get(VolumeSchema.TAKEOVER),
                lun.get(VolumeSchema.READ_WAIT));
    }

    private static VolumeSettings.Collector readCollector(SectionValues values) {
        return new VolumeSettings.Collector(
                values.get(VolumeSchema.COLLECTOR_SPACE_AMPLIFICATION),
                values.get(VolumeSchema.COLLECTOR_BANDWIDTH),
                values.get(VolumeSchema.COLLECTOR_REQUESTS),
                values.get(VolumeSchema.COLLECTOR_HOST_WAIT));
    }

    /** Finds what is wrong with the server file's defaults, whether or not a LUN uses them. */
    void checkDefaults(SectionValues defaults) {
        if (!defaults.given()) {
            return;
        }
        if (defaults.section(StoreSchema.STORE).given()) {
            stores.find(defaults);
        }
        if (defaults.section(VolumeSchema.ENCRYPTION).given()) {
            readEncryption(defaults);
        }
        readFlush(defaults, readJournal(defaults.section(VolumeSchema.JOURNAL)));
    }

    private Optional<SecretSource> readEncryption(SectionValues lun) {
        SectionValues encryption = lun.section(VolumeSchema.ENCRYPTION);
        if (lun.bad().contains(VolumeSchema.ENCRYPTION.name())
                || encryption.bad().contains(VolumeSchema.PASSPHRASE.name())) {
            return Optional.empty();
        }
        if (encryption.shorthand().isPresent()) {
            return Optional.empty();
        }
        SectionValues passphrase = encryption.section(VolumeSchema.PASSPHRASE);
        if (!passphrase.given()) {
            log.mistake(encryption.place(), passphrase.path(), "a passphrase is missing", instead());
        }
        return secrets.read(passphrase);
    }

    /** Allowed, and said aloud. */
    private void warnOfNoEncryption(SectionValues encryption) {
        if (encryption.shorthand().isPresent()) {
            log.warning(
                    encryption.place(),
                    encryption.path(),
                    "nothing is encrypted: who can read the store or the cache directory can read the disk",
                    "write encryption { passphrase { file = \"/path\" } } before the volume is created");
        }
    }

    private static String instead() {
        return "write encryption { passphrase { file = \"/path\" } } (or env, or command), or encryption = none";
    }

    private VolumeSettings.Journal readJournal(SectionValues values) {
        ByteSize capacity = values.get(VolumeSchema.JOURNAL_CAPACITY);
        ByteSize fileSize = values.get(VolumeSchema.JOURNAL_FILE_SIZE);
        checkAligned(values, VolumeSchema.JOURNAL_FILE_SIZE);
        if (areGood(values, VolumeSchema.JOURNAL_CAPACITY, VolumeSchema.JOURNAL_FILE_SIZE)
                && capacity.bytes() / JOURNAL_FILES_MIN < fileSize.bytes()) {
            Key<?> blamed = values.isGiven(VolumeSchema.JOURNAL_CAPACITY)
                    ? VolumeSchema.JOURNAL_CAPACITY
                    : VolumeSchema.JOURNAL_FILE_SIZE;
            log.mistake(
                    values.place(blamed),
                    values.path(blamed),
                    "a journal of " + capacity + " does not hold four files of " + fileSize,
                    "write a capacity of at least " + new ByteSize(fileSize.bytes() * JOURNAL_FILES_MIN)
                            + ", or a smaller file-size");
        }
        return new VolumeSettings.Journal(capacity, fileSize, values.get(VolumeSchema.JOURNAL_FULL_TIMEOUT));
    }

    private VolumeSettings.Flush readFlush(SectionValues lun, VolumeSettings.Journal journal) {
        SectionValues values = lun.section(VolumeSchema.FLUSH);
        ByteSize usual = new ByteSize(journal.capacity().bytes() / 4 * 3);
        ByteSize maxBytes = values.get(VolumeSchema.FLUSH_MAX_BYTES).orElse(usual);
        boolean journalGood = areGood(lun.section(VolumeSchema.JOURNAL), VolumeSchema.JOURNAL_CAPACITY);
        if (areGood(values, VolumeSchema.FLUSH_MAX_BYTES)
                && journalGood
                && maxBytes.compareTo(journal.capacity()) > 0) {
            log.mistake(
                    values.place(VolumeSchema.FLUSH_MAX_BYTES),
                    values.path(VolumeSchema.FLUSH_MAX_BYTES),
                    maxBytes + " is more than the journal holds (" + journal.capacity() + ")",
                    "write at most journal.capacity, for example \"" + usual + "\"");
        }
        ByteSize segmentSize = values.get(VolumeSchema.FLUSH_SEGMENT_SIZE);
        if (areGood(values, VolumeSchema.FLUSH_MAX_BYTES, VolumeSchema.FLUSH_SEGMENT_SIZE)
                && journalGood
                && segmentSize.compareTo(maxBytes) > 0) {
            Key<?> blamed = values.isGiven(VolumeSchema.FLUSH_SEGMENT_SIZE)
                    ? VolumeSchema.FLUSH_SEGMENT_SIZE
                    : VolumeSchema.FLUSH_MAX_BYTES;
            log.mistake(
                    values.place(blamed),
                    values.path(blamed),
                    "a segment of " + segmentSize + " would never fill: max-bytes is " + maxBytes,
                    "write a segment-size of at most max-bytes");
        }
        return new VolumeSettings.Flush(
                values.get(VolumeSchema.FLUSH_MAX_AGE),
                maxBytes,
                segmentSize,
                values.get(VolumeSchema.FLUSH_UPLOADS),
                values.get(VolumeSchema.FLUSH_DRAIN_TIMEOUT));
    }

    /** Sizes of whole 4 KiB blocks. */
    void checkAligned(SectionValues values, Key<ByteSize> key) {
        long bytes = values.get(key).bytes();
        if (values.isGiven(key) && values.isGood(key) && bytes % ALIGNMENT_BYTES != 0) {
            long rounded = (bytes / ALIGNMENT_BYTES + 1) * ALIGNMENT_BYTES;
            log.mistake(
                    values.place(key),
                    values.path(key),
                    "is not a multiple of 4096 bytes",
                    "write for example \"" + new ByteSize(rounded) + "\"");
        }
    }

    private static boolean areGood(SectionValues values, Key<?>... keys) {
        for (Key<?> key : keys) {
            if (!values.isGood(key)) {
                return false;
            }
        }
        return true;
    }
}
