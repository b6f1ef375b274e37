package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.InternalInitiator;
import io.sluice.target.scsi.ReservationClass;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * PRE-FETCH (10), (16) (SBC-3 sections 5.9, 5.10): reads the blocks, so that the volume's read cache has them. With IMMED
 * that goes on behind the status. The status is GOOD, not CONDITION MET: nobody promises that the cache keeps them.
 *
 * <p>Bounds: of a longer range the first {@link #BYTES_MAX} are read; one prefetch of a unit runs behind a status, another
 * that comes meanwhile reads nothing.
 */
final class PrefetchCommand {
    /** The most that one command brings into the cache. */
    static final int BYTES_MAX = 32 << 20;
    /** Read at a time. */
    static final int PIECE_BYTES = 256 << 10;

    private static final int IMMED = 0x02;
    private static final CommandDescriptor READ =
            CommandDescriptor.of("READ of a prefetch", "88" + "00".repeat(15), ReservationClass.READ, Command::good);

    private final LogicalUnit unit;
    private final BlockRange ranges;
    private final Step readPiece;
    private final AtomicBoolean isBehindStatus = new AtomicBoolean();
    private @Nullable ByteBuffer scratch;

    PrefetchCommand(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
        this.readPiece = this::readPiece;
    }

    /** PREFETCH LENGTH zero means up to the last block. */
    void execute(Command command) {
        if (!ranges.take(command)) {
            return;
        }
        long toEnd = (unit.capacityBlocks() * unit.blockBytes()) - command.offsetBytes();
        long wanted = command.lengthBytes() == 0 ? toEnd : command.lengthBytes();
        command.range(command.offsetBytes(), Math.min(wanted, BYTES_MAX));
        if (CdbField.bit(command.cdb(), 1, IMMED)) {
            beginBehindStatus(command);
            command.good();
            return;
        }
        ByteBuffer buffer = command.allocate((int) Math.min(command.lengthBytes(), PIECE_BYTES));
        if (buffer != null) {
            command.buffer(buffer);
            readPiece(command);
        }
    }

    private void readPiece(Command command) {
        long done = command.doneBytes();
        if (done == command.lengthBytes()) {
            command.good();
            return;
        }
        int piece = (int) Math.min(command.lengthBytes() - done, PIECE_BYTES);
        command.doneBytes(done + piece);
        command.read(command.offsetBytes() + done, command.buffer().clear().limit(piece), readPiece);
    }

    private void beginBehindStatus(Command command) {
        if (isBehindStatus.compareAndSet(false, true)) {
            if (scratch == null) {
                scratch = ByteBuffer.allocateDirect(PIECE_BYTES);
            }
            readBehindStatus(
                    command.internalInitiator(),
                    scratch,
                    command.offsetBytes(),
                    command.offsetBytes() + command.lengthBytes());
        }
    }

    /** Nobody waits for it: a failure ends it without a word, and the read that needs the block will tell. */
    private void readBehindStatus(InternalInitiator initiator, ByteBuffer buffer, long from, long end) {
        int piece = (int) Math.min(end - from, PIECE_BYTES);
        boolean sent = piece > 0
                && initiator.send(
                        unit,
                        READ.handledBy(part -> part.read(from, buffer.clear().limit(piece), Step.GOOD)),
                        ended -> {
                            boolean goesOn = ended.status() == ScsiStatus.GOOD;
                            readBehindStatus(initiator, buffer, goesOn ? from + piece : end, end);
                        });
        if (!sent) {
            isBehindStatus.set(false);
        }
    }
}
