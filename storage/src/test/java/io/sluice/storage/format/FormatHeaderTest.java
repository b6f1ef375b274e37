package io.sluice.storage.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import org.junit.jupiter.api.Test;

final class FormatHeaderTest {
    private static final UUID VOLUME = new UUID(1, 2);

    private static CheckedReader reader(FormatHeader header) {
        ByteWriter writer = new ByteWriter(FormatHeader.BYTES);
        header.write(writer);
        assertEquals(FormatHeader.BYTES, writer.size());
        return new CheckedReader("thing", writer.view());
    }

    @Test
    void comesBack() throws Exception {
        for (FormatKind kind : FormatKind.values()) {
            FormatHeader header = FormatHeader.of(kind, VOLUME, 42);
            FormatHeader read = FormatHeader.read(kind, reader(header));
            assertEquals(header, read);
            read.expect("thing", VOLUME, 42);
        }
    }

    @Test
    void anotherKindIsDamaged() {
        CheckedReader reader = reader(FormatHeader.of(FormatKind.SEGMENT, VOLUME, 42));
        assertThrows(DamagedObjectException.class, () -> FormatHeader.read(FormatKind.MANIFEST, reader));
    }

    @Test
    void newerVersionSaysToUpgradeAndNamesBothVersions() {
        CheckedReader reader = reader(new FormatHeader(FormatKind.SEGMENT, 77, VOLUME, 42));
        UnsupportedFormatException failure =
                assertThrows(UnsupportedFormatException.class, () -> FormatHeader.read(FormatKind.SEGMENT, reader));
        assertEquals(77, failure.foundVersion());
        assertEquals(FormatKind.SEGMENT.version(), failure.supportedVersion());
        assertTrue(failure.toString().contains("77"), failure::toString);
        assertTrue(failure.toString().contains("versions up to 2"), failure::toString);
        assertTrue(failure.toString().contains("upgrade"), failure::toString);
    }

    @Test
    void versionZeroIsDamaged() {
        CheckedReader reader = reader(new FormatHeader(FormatKind.SEGMENT, 0, VOLUME, 42));
        assertThrows(DamagedObjectException.class, () -> FormatHeader.read(FormatKind.SEGMENT, reader));
    }

    @Test
    void anotherVolumeOrNumberIsNamed() {
        FormatHeader header = FormatHeader.of(FormatKind.SEGMENT, VOLUME, 42);
        assertThrows(DamagedObjectException.class, () -> header.expect("thing", new UUID(1, 3), 42));
        assertThrows(DamagedObjectException.class, () -> header.expect("thing", VOLUME, 43));
    }
}
