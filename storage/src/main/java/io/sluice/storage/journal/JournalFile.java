package io.sluice.storage.journal;

import io.sluice.storage.crypto.LocalCipher;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.runtime.Invariant;

/**
 * One use of one file of the log, from its header to its end.
 *
 * <pre>
 *   prepared ──activate──▶ active ──seal──▶ sealed ──▶ released (the disk file serves again under another number)
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Units below the end of the log in this file are written once in this use; {@link #checksum} of a block is set
 *       before its address becomes known to anybody else.
 *   <li>{@link #sealedUnit} is the first unit that this file never uses; it changes once, from {@code units}.
 *   <li>{@link #startUnits} counts the units of all older files: differences of positions are distances in the log.
 * </ol>
 */
final class JournalFile {
    private final long number;
    private final long epoch;
    private final DiskFile file;
    private final byte[] salt;
    private final LocalCipher cipher;
    private final int units;
    private final int[] checksums;
    private long startUnits;
    private volatile int sealedUnit;

    JournalFile(long number, long epoch, DiskFile file, byte[] salt, LocalCipher cipher, int units) {
        this(number, epoch, file, salt, cipher, units, new int[units]);
    }

    /** Takes over {@code checksums}, one for each unit. */
    JournalFile(long number, long epoch, DiskFile file, byte[] salt, LocalCipher cipher, int units, int[] checksums) {
        this.number = number;
        this.epoch = epoch;
        this.file = file;
        this.salt = salt;
        this.cipher = cipher;
        this.units = units;
        this.checksums = checksums;
        this.sealedUnit = units;
    }

    long number() {
        return number;
    }

    long epoch() {
        return epoch;
    }

    DiskFile disk() {
        return file;
    }

    byte[] salt() {
        return salt;
    }

    LocalCipher cipher() {
        return cipher;
    }

    int units() {
        return units;
    }

    long address(int unit) {
        return JournalFormat.address(number, unit);
    }

    int checksum(int unit) {
        return checksums[unit];
    }

    void checksum(int unit, int checksum) {
        checksums[unit] = checksum;
    }

    long startUnits() {
        return startUnits;
    }

    /** Before anybody else sees the file. */
    void startAt(long unitsOfOlderFiles) {
        startUnits = unitsOfOlderFiles;
    }

    int sealedUnit() {
        return sealedUnit;
    }

    void seal(int unit) {
        Invariant.check(sealedUnit == units && unit <= units, "a journal file is sealed once", unit, sealedUnit);
        sealedUnit = unit;
    }

    /** True when {@code address}, in this file, lies at or behind everything it will ever hold. */
    boolean endsAt(long address) {
        return JournalFormat.unit(address) >= sealedUnit;
    }
}
