package io.sluice.target.lun;

import io.sluice.storage.runtime.Invariant;
import io.sluice.target.lun.CopyParameterList.SegmentDescriptor;
import io.sluice.target.lun.CopySegment.Resolved;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.CommandHandler;
import io.sluice.target.scsi.CopyAbortedSense;
import io.sluice.target.scsi.CopyAbortedSense.Answer;
import io.sluice.target.scsi.DeviceServer;
import io.sluice.target.scsi.InternalInitiator;
import io.sluice.target.scsi.InternalTask;
import io.sluice.target.scsi.ReservationClass;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One EXTENDED COPY on its way. Segments are copied one after the other, a segment in pieces of which a few are under way
 * side by side; each piece is one command of the copy manager's own to the destination (a copy inside the volume), or two
 * (a read from the source, then a write).
 *
 * <pre>
 * copying --last piece--> next segment --none left--> ended GOOD
 *    \--piece failed, segment impossible, command aborted--> stopping --no piece under way--> ended
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>All fields belong to the loop of the command's nexus.
 *   <li>Stopping, nothing is begun any more; the command ends when no piece is under way, so that whoever aborts it waits
 *       for its last write.
 *   <li>When the ranges overlap, one piece is under way at a time and pieces are taken in the order in which none
 *       overwrites what is still to be read.
 *   <li>Memory is one buffer of the session's, {@link #LANES} times {@link #DATA_PIECE_BYTES}, whatever the length.
 * </ol>
 */
final class CopyOperation {
    /** Pieces under way side by side. */
    static final int LANES = 4;
    /** What travels through memory at a time. */
    static final int DATA_PIECE_BYTES = 256 << 10;
    /** What the volume copies at a time. */
    static final int MAP_PIECE_BYTES = 8 << 20;

    /** The standard's READ and WRITE, as far as reservations and ranges are concerned. */
    private static final CommandDescriptor READ =
            CommandDescriptor.of("READ of a copy", "88" + "00".repeat(15), ReservationClass.READ, Command::good);

    private static final CommandDescriptor WRITE =
            CommandDescriptor.of("WRITE of a copy", "8A" + "00".repeat(15), ReservationClass.WRITE, Command::good);

    private final LogicalUnit unit;
    private final Command command;
    private final InternalInitiator initiator;
    private final CopyParameterList list;
    private final CopyStatus status;
    private final Deque<ByteBuffer> idleBuffers = new ArrayDeque<>();
    private boolean hasBuffers;
    private int number = -1;
    private @Nullable CopySegment segment;
    private @Nullable CopyAbortedSense failure;
    private boolean starved;
    private long takenBytes;
    private int underWay;

    CopyOperation(LogicalUnit unit, Command command, CopyParameterList list, CopyStatus status) {
        this.unit = unit;
        this.command = command;
        this.initiator = command.internalInitiator();
        this.list = list;
        this.status = status;
    }

    void begin() {
        goOn();
    }

    private boolean isStopping() {
        return failure != null || starved || command.isAborted();
    }

    /** Begins what can be begun; ends the command when there is nothing left and nothing under way. */
    private void goOn() {
        while (!isStopping()) {
            CopySegment current = segment;
            if (current == null) {
                if (number + 1 == list.segments().size()) {
                    break;
                }
                beginSegment();
            } else if (takenBytes < current.lengthBytes()) {
                if (underWay == lanes(current)) {
                    return;
                }
                beginPiece(current);
            } else if (underWay == 0) {
                status.segmentDone();
                segment = null;
            } else {
                return;
            }
        }
        if (underWay == 0) {
            end();
        }
    }

    private void beginSegment() {
        number++;
        SegmentDescriptor descriptor = list.segments().get(number);
        Resolved resolved = CopySegment.resolve(command.target(), list.cscds(), descriptor, number);
        failure = resolved.failure();
        segment = resolved.segment();
        takenBytes = 0;
    }

    private static int lanes(CopySegment segment) {
        return segment.overlaps() ? 1 : LANES;
    }

    private void beginPiece(CopySegment current) {
        if (current.isOntoItself()) {
            // Every block already holds what it would be given.
            takenBytes = current.lengthBytes();
        } else if (current.isMapCopy()) {
            long bytesMax = current.overlaps() ? Math.min(MAP_PIECE_BYTES, current.distance()) : MAP_PIECE_BYTES;
            beginMapPiece(current, current.pieceAt(takenBytes, bytesMax));
        } else {
            beginDataPiece(current, current.pieceAt(takenBytes, DATA_PIECE_BYTES));
        }
    }

    private void beginMapPiece(CopySegment current, CopySegment.Piece piece) {
        takenBytes += piece.lengthBytes();
        CommandHandler copy = part -> lockDestination(
                part,
                current,
                piece,
                locked -> locked.copy(
                        current.sourceBytes() + piece.atBytes(),
                        current.destinationBytes() + piece.atBytes(),
                        piece.lengthBytes(),
                        isDurable(current),
                        Step.GOOD));
        send(current.destination(), WRITE.handledBy(copy), ended -> written(ended, piece));
    }

    private void beginDataPiece(CopySegment current, CopySegment.Piece piece) {
        if (!hasBuffers && !allocate()) {
            starved = true;
            return;
        }
        takenBytes += piece.lengthBytes();
        ByteBuffer buffer = idleBuffers.remove().clear().limit((int) piece.lengthBytes());
        CommandHandler read = part -> part.read(current.sourceBytes() + piece.atBytes(), buffer, Step.GOOD);
        send(current.source(), READ.handledBy(read), ended -> {
            if (ended.status() == ScsiStatus.GOOD && !isStopping()) {
                buffer.flip();
                writePiece(current, piece, buffer);
            } else {
                idleBuffers.add(buffer);
                if (ended.status() != ScsiStatus.GOOD) {
                    fail(new Answer(ended.status(), senseOf(ended)), null);
                }
            }
        });
    }

    private void writePiece(CopySegment current, CopySegment.Piece piece, ByteBuffer buffer) {
        CommandHandler write = part -> lockDestination(
                part,
                current,
                piece,
                locked -> locked.write(
                        current.destinationBytes() + piece.atBytes(), buffer, isDurable(current), Step.GOOD));
        send(current.destination(), WRITE.handledBy(write), ended -> {
            idleBuffers.add(buffer);
            written(ended, piece);
        });
    }

    /** COMPARE AND WRITE and its like keep this write out of their range, and wait for it. */
    private static void lockDestination(Command part, CopySegment current, CopySegment.Piece piece, Step then) {
        if (new BlockRange(current.destination()).writable(part)) {
            part.range(current.destinationBytes() + piece.atBytes(), piece.lengthBytes());
            part.shareRange(then);
        }
    }

    private static boolean isDurable(CopySegment current) {
        return !current.destination().modePages().writeCache();
    }

    /** All lanes share one buffer, which goes back when the command has ended. */
    private boolean allocate() {
        ByteBuffer all = command.task().allocateDataIn(LANES * DATA_PIECE_BYTES);
        if (all == null) {
            return false;
        }
        for (int lane = 0; lane < LANES; lane++) {
            idleBuffers.add(all.slice(lane * DATA_PIECE_BYTES, DATA_PIECE_BYTES));
        }
        hasBuffers = true;
        return true;
    }

    private void send(DeviceServer to, CommandDescriptor row, Consumer<InternalTask> then) {
        boolean sent = initiator.send(to, row, ended -> {
            underWay--;
            then.accept(ended);
            goOn();
        });
        if (sent) {
            underWay++;
        } else if (failure == null) {
            failure = new CopyAbortedSense(SenseCode.COPY_TARGET_DEVICE_NOT_REACHABLE, number, -1, null, null);
        }
    }

    private void written(InternalTask ended, CopySegment.Piece piece) {
        if (ended.status() == ScsiStatus.GOOD) {
            status.copied(piece.lengthBytes());
        } else {
            fail(null, new Answer(ended.status(), senseOf(ended)));
        }
    }

    /** The first failure is the one that is told. */
    private void fail(@Nullable Answer source, @Nullable Answer destination) {
        if (failure == null) {
            failure = new CopyAbortedSense(SenseCode.THIRD_PARTY_DEVICE_FAILURE, number, -1, source, destination);
        }
    }

    private static byte[] senseOf(InternalTask ended) {
        byte[] sense = ended.sense();
        return sense == null ? new byte[0] : sense;
    }

    private void end() {
        Invariant.check(underWay == 0, "no piece is under way");
        CopyAbortedSense failed = failure;
        byte[] sense = failed == null ? null : failed.encode(unit.descriptorSense());
        boolean retried = command.isAborted() || starved;
        status.completed(sense);
        unit.copies().end(status, list.usage() == CopyParameterList.Usage.HELD && !retried);
        if (starved) {
            command.end(ScsiStatus.TASK_SET_FULL);
        } else if (sense != null) {
            command.failWith(sense);
        } else {
            command.good();
        }
    }
}
