package io.sluice.storage.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The kinds of files and objects that begin with a {@link FormatHeader}: their magic and their newest version. */
public enum FormatKind {
    SEGMENT("SluiceSG", 2),
    MANIFEST("SluiceMF", 2),
    CHECKPOINT("SluiceCP", 3),
    JOURNAL("SluiceJL", 3),
    JOURNAL_END("SluiceJE", 1),
    SCRUB("SluiceSB", 1),
    CACHE_STATE("SluiceCS", 1),
    OPERATOR_WORD("SluiceOW", 1),
    OPENING_ATTEMPTS("SluiceOA", 1);

    private final String magicText;
    private final long magic;
    private final int version;

    FormatKind(String magicText, int version) {
        this.magicText = magicText;
        this.magic =
                ByteBuffer.wrap(magicText.getBytes(StandardCharsets.US_ASCII)).getLong();
        this.version = version;
    }

    /** The first eight bytes, as ASCII. */
    public String magicText() {
        return magicText;
    }

    /** The first eight bytes, big-endian. */
    public long magic() {
        return magic;
    }

    /** The version this Sluice writes, and the newest it reads. */
    public int version() {
        return version;
    }
}
