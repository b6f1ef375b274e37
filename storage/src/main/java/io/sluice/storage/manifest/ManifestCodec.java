package io.sluice.storage.manifest;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.KdfParameters;
import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.PieceSealer.NotAuthenticException;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.WrappedKey;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Manifests as bytes, version 2; version 1 is read ({@code FORMAT.md} draws them). All in clear, so that the key can be unwrapped and {@code
 * volume info} works without it; a CRC32C finds damage at once, and the seal, checked by {@link #verify} once the key is
 * known, finds forgery.
 *
 * <pre>
 *   0              36                         n      n + 16   n + 32   n + 36
 *  +--------------+--------------------------+------+--------+--------+
 *  | FormatHeader | body                     | salt | tag    | CRC32C |
 *  +--------------+--------------------------+------+--------+--------+
 * </pre>
 */
public final class ManifestCodec {
    /** Purpose of the key of the seal. */
    public static final String PURPOSE = "manifest";
    /** Longest manifest. */
    public static final int MANIFEST_BYTES_MAX = 1024 * 1024;

    private static final long PIECE = 0;
    private static final int GATEWAY_SINCE_VERSION = 2;
    private static final int TRAILER_BYTES = Sealing.SALT_BYTES + PieceSealer.OVERHEAD_BYTES + Integer.BYTES;

    private ManifestCodec() {}

    /** The manifest as it is returned by {@link #decode}, with its seal. */
    public static Manifest seal(Manifest manifest, Sealing sealing) {
        Invariant.check(
                manifest.encrypted() == sealing.encrypted()
                        && manifest.encrypted() == manifest.key().isPresent(),
                "a manifest is sealed in another way than it says");
        ByteWriter writer = new ByteWriter(1024);
        FormatHeader.of(FormatKind.MANIFEST, manifest.volume(), manifest.number())
                .write(writer);
        writeBody(manifest, writer);
        ByteBuffer covered = ByteBuffer.wrap(writer.toBytes());
        PieceSealer sealer = sealing.newObject(PURPOSE);
        ByteBuffer tag = ByteBuffer.allocate(PieceSealer.OVERHEAD_BYTES);
        sealer.seal(PIECE, covered.duplicate(), ByteBuffer.allocate(0), tag);
        ManifestSeal seal = new ManifestSeal(covered, ByteBuffer.wrap(sealer.salt()), tag.flip());
        return manifest.toBuilder().attemptTag(manifest.attemptTag()).build(seal);
    }

    /** The object of a sealed manifest. */
    public static ByteBuffer encode(Manifest sealed) {
        ManifestSeal seal = sealed.seal();
        Invariant.check(seal.tag().hasRemaining(), "a manifest is written without a seal");
        ByteWriter writer = new ByteWriter(seal.covered().remaining() + TRAILER_BYTES);
        writer.bytes(seal.covered());
        writer.bytes(seal.salt());
        writer.bytes(seal.tag());
        writer.i32(crc32c(writer.view()));
        Invariant.check(writer.size() <= MANIFEST_BYTES_MAX, "length of a manifest", writer.size(), MANIFEST_BYTES_MAX);
        return writer.view();
    }

    /** Reads manifest {@code number}, called {@code object}, whose remaining bytes are not consumed; not yet verified. */
    public static Manifest decode(String object, long number, ByteBuffer bytes)
            throws DamagedObjectException, UnsupportedFormatException {
        CheckedReader reader = new CheckedReader(object, bytes);
        FormatHeader format = FormatHeader.read(FormatKind.MANIFEST, reader);
        reader.check(format.number() == number, "says it is number " + format.number() + ", not " + number);
        reader.check(bytes.remaining() <= MANIFEST_BYTES_MAX, "is too long");
        reader.check(reader.remaining() >= TRAILER_BYTES, "ends too early");
        int coveredBytes = bytes.remaining() - TRAILER_BYTES;
        int crcOffset = bytes.remaining() - Integer.BYTES;
        CheckedReader trailer = new CheckedReader(object, bytes.slice(bytes.position() + coveredBytes, TRAILER_BYTES));
        ByteBuffer covered = ByteBuffer.allocate(coveredBytes)
                .put(bytes.slice(bytes.position(), coveredBytes))
                .flip();
        ManifestSeal seal = new ManifestSeal(
                covered,
                ByteBuffer.wrap(trailer.bytes(Sealing.SALT_BYTES)),
                ByteBuffer.wrap(trailer.bytes(PieceSealer.OVERHEAD_BYTES)));
        reader.check(
                trailer.i32() == crc32c(bytes.slice(bytes.position(), crcOffset)), "its checksum is wrong: damaged");
        CheckedReader body = new CheckedReader(object, covered);
        FormatHeader unused = FormatHeader.read(FormatKind.MANIFEST, body);
        return readBody(format, body, seal);
    }

    /** Whether the manifest, as it was read, was sealed with {@code sealing}'s key and not changed since. */
    public static boolean verify(Manifest manifest, Sealing sealing) {
        ManifestSeal seal = manifest.seal();
        if (manifest.encrypted() != sealing.encrypted() || seal.salt().remaining() != Sealing.SALT_BYTES) {
            return false;
        }
        byte[] salt = new byte[Sealing.SALT_BYTES];
        seal.salt().get(salt);
        try {
            sealing.existing(PURPOSE, salt).open(PIECE, seal.covered(), seal.tag(), ByteBuffer.allocate(0));
            return true;
        } catch (NotAuthenticException e) {
            return false;
        }
    }

    private static void writeBody(Manifest manifest, ByteWriter writer) {
        writer.i64(manifest.attemptTag());
        writer.i64(manifest.writtenMillis());
        writer.text(manifest.name());
        writer.i64(manifest.createdMillis());
        writer.i64(manifest.sizeBytes());
        writer.i32(manifest.logicalBlockBytes());
        writer.text(manifest.serialNumber());
        writer.i64(manifest.naaIdentifier());
        writer.flag(manifest.encrypted());
        manifest.key().ifPresent(key -> writeKey(key, writer));
        writer.i64(manifest.epoch());
        writer.uuid(manifest.owner());
        writer.i64(manifest.ownerSinceEpoch());
        writer.flag(manifest.clean());
        writer.i64(manifest.fenceSegment());
        writeCheckpoint(manifest.checkpoint(), writer);
        writer.i32(manifest.reservations().remaining());
        writer.bytes(manifest.reservations());
        writer.text(manifest.gateway());
        writer.i64(manifest.openedMillis());
        writer.i64(manifest.ownerEpoch());
    }

    private static Manifest readBody(FormatHeader format, CheckedReader reader, ManifestSeal seal)
            throws DamagedObjectException {
        long attemptTag = reader.i64();
        long writtenMillis = reader.i64();
        ManifestBuilder builder = new ManifestBuilder(format.volume(), reader.text("name", Manifest.NAME_BYTES_MAX))
                .number(format.number())
                .attemptTag(attemptTag)
                .writtenMillis(writtenMillis)
                .createdMillis(reader.i64())
                .sizeBytes(reader.number("size", 0, Long.MAX_VALUE))
                .logicalBlockBytes(logicalBlockBytes(reader))
                .serialNumber(reader.text("serial number", Manifest.SERIAL_BYTES_MAX))
                .naaIdentifier(reader.i64())
                .key(readKey(reader))
                .epoch(reader.number("epoch", 0, Long.MAX_VALUE))
                .owner(reader.uuid())
                .ownerSinceEpoch(reader.number("first epoch of the owner", 0, Long.MAX_VALUE))
                .clean(reader.flag("clean"))
                .fenceSegment(reader.number("fence segment", 0, Long.MAX_VALUE))
                .checkpoint(readCheckpoint(reader))
                .reservations(reader.slice(reader.count("length of reservations", 0, Manifest.RESERVATIONS_BYTES_MAX)));
        if (format.version() >= GATEWAY_SINCE_VERSION) {
            builder.gateway(reader.text("gateway", Manifest.GATEWAY_BYTES_MAX))
                    .openedMillis(reader.i64())
                    .ownerEpoch(reader.number("epoch of the owner", 0, Long.MAX_VALUE));
        } else {
            builder.ownerOpenedEpoch();
        }
        reader.end();
        return builder.build(seal);
    }

    private static int logicalBlockBytes(CheckedReader reader) throws DamagedObjectException {
        int bytes = reader.i32();
        reader.check(
                bytes == BlockGeometry.SECTOR_BYTES || bytes == BlockGeometry.BLOCK_BYTES,
                "logical block length " + bytes + " is not possible");
        return bytes;
    }

    private static void writeKey(WrappedKey key, ByteWriter writer) {
        writer.i32(key.kdf().memoryKiB());
        writer.i32(key.kdf().iterations());
        writer.i32(key.kdf().lanes());
        writer.bytes(key.salt());
        writer.bytes(key.wrapped());
    }

    private static Optional<WrappedKey> readKey(CheckedReader reader) throws DamagedObjectException {
        if (!reader.flag("encrypted")) {
            return Optional.empty();
        }
        int memoryKiB = reader.i32();
        int iterations = reader.i32();
        int lanes = reader.i32();
        reader.check(
                KdfParameters.isAcceptable(memoryKiB, iterations, lanes),
                "asks for a key derivation out of all bounds: " + memoryKiB + " KiB, " + iterations + " iterations, "
                        + lanes + " lanes");
        return Optional.of(new WrappedKey(
                new KdfParameters(memoryKiB, iterations, lanes),
                reader.bytes(WrappedKey.SALT_BYTES),
                reader.bytes(WrappedKey.WRAPPED_BYTES)));
    }

    private static void writeCheckpoint(CheckpointRoot root, ByteWriter writer) {
        writer.i64(root.number());
        writer.i64(root.object());
        writer.i64(root.offsetBytes());
        writer.i32(root.storedBytes());
        writer.i64(root.coversSegment());
        writer.i64(root.coversEpoch());
        writer.i64(root.sequence());
    }

    private static CheckpointRoot readCheckpoint(CheckedReader reader) throws DamagedObjectException {
        return new CheckpointRoot(
                reader.number("checkpoint", 0, Long.MAX_VALUE),
                reader.number("checkpoint object", 0, Long.MAX_VALUE),
                reader.number("offset of the root page", 0, Long.MAX_VALUE),
                reader.count("length of the root page", 0, Integer.MAX_VALUE),
                reader.number("covered segment", 0, Long.MAX_VALUE),
                reader.number("epoch of the covered segment", 0, Long.MAX_VALUE),
                reader.number("covered sequence", 0, Long.MAX_VALUE));
    }

    private static int crc32c(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
