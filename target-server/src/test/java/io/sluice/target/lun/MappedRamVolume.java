package io.sluice.target.lun;

/** A volume that tells which blocks are mapped: the first 4 KiB. */
final class MappedRamVolume extends RamVolume implements MappingSource {
    private static final int MAPPED_BYTES = 4096;

    MappedRamVolume(int sizeBytes) {
        super(sizeBytes);
    }

    @Override
    public long runAt(long offsetBytes, long lengthBytes) {
        return offsetBytes < MAPPED_BYTES ? MAPPED_BYTES - offsetBytes : -lengthBytes;
    }

    @Override
    public long mappedBytes() {
        return MAPPED_BYTES;
    }
}
