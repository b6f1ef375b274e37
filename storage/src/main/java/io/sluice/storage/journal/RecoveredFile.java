package io.sluice.storage.journal;

/**
 * One file of a recovered log.
 *
 * @param name of the file
 * @param header as read
 * @param units length of the file as it is
 * @param endUnit the first unit that belongs to no batch of the log
 * @param checksums of the stored blocks, by unit
 */
record RecoveredFile(String name, FileHeader header, int units, int endUnit, int[] checksums) {
    long address(int unit) {
        return JournalFormat.address(header.number(), unit);
    }

    /** Number of the file. */
    long number() {
        return header.number();
    }
}
