package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.ScsiCommand;
import io.sluice.target.net.DataBuffer;
import io.sluice.target.net.ReceiveBlock;
import io.sluice.target.scsi.ScsiTask;
import io.sluice.target.scsi.TaskAttribute;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A SCSI task of a session, with the memory that it holds. Used again and again.
 *
 * <pre>
 *   free ──begin──▶ collecting ──execute──▶ executing ──ended──▶ free
 *                       └──── fail, abort ─────────────────────────▲
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Memory is taken and given back on the session's loop; only {@link #allocateDataIn} and {@link #ended} may come
 *       from other threads.
 *   <li>A task that is aborted while it executes keeps its memory until {@link #ended}; it is not answered.
 * </ol>
 */
final class SessionTask extends ScsiTask implements Runnable {
    private static final TaskAttribute[] ATTRIBUTES = TaskAttribute.values();

    private final TaskService service;
    private final DataOutCollector collector;
    private int tag;
    private boolean read;
    private boolean write;
    private long expectedBytes;
    private long expectedReadBytes;
    private boolean executing;
    private boolean aborted;
    private volatile boolean ended;
    private boolean starved;
    private @Nullable DataBuffer dataOutBuffer;
    private @Nullable ReceiveBlock pinned;
    private @Nullable ByteBuffer pinnedBytes;
    private @Nullable ByteBuffer pinnedView;
    private volatile @Nullable DataBuffer dataInBuffer;

    SessionTask(TaskService service, int readyToTransfersMax) {
        this.service = service;
        this.collector = new DataOutCollector(readyToTransfersMax);
    }

    /** Takes over what the command says. */
    void begin(ScsiCommand command) {
        reset();
        tag = command.initiatorTaskTag();
        read = command.isRead();
        write = command.isWrite();
        expectedBytes = read || write ? command.expectedDataTransferBytes() : 0;
        expectedReadBytes = !read ? 0 : write ? command.bidirectionalReadBytes() : expectedBytes;
        executing = false;
        ended = false;
        aborted = false;
        starved = false;
        collector.begin(0, null, 0, 0, false);
        command.copyCdbTo(cdb());
        command.copyLunTo(lun());
        int attribute = command.attribute();
        attribute(attribute < ATTRIBUTES.length ? ATTRIBUTES[attribute] : TaskAttribute.SIMPLE);
    }

    /** Initiator task tag. */
    int tag() {
        return tag;
    }

    boolean isRead() {
        return read;
    }

    boolean isWrite() {
        return write;
    }

    /** EDTL; of a bidirectional command the data-out part. */
    long expectedBytes() {
        return expectedBytes;
    }

    /** What the initiator takes as data-in. */
    long expectedReadBytes() {
        return expectedReadBytes;
    }

    DataOutCollector collector() {
        return collector;
    }

    boolean isExecuting() {
        return executing;
    }

    void setExecuting() {
        executing = true;
    }

    boolean isAborted() {
        return aborted;
    }

    void setAborted() {
        aborted = true;
    }

    /** True when there was no memory for its data-out: TASK SET FULL when the initiator has sent it. */
    boolean isStarved() {
        return starved;
    }

    void setStarved() {
        starved = true;
    }

    /** Uses a buffer of its own for data-out. */
    void dataOutBuffer(@Nullable DataBuffer buffer) {
        dataOutBuffer = buffer;
    }

    @Nullable
    DataBuffer dataOutBuffer() {
        return dataOutBuffer;
    }

    /** Uses the data where it arrived. */
    @SuppressWarnings("ReferenceEquality")
    void dataOutInPlace(ReceiveBlock block, PduFrame frame, int bytes) {
        pinned = block;
        ByteBuffer view = pinnedView;
        if (view == null || pinnedBytes != frame.buffer()) {
            pinnedBytes = frame.buffer();
            view = frame.buffer().duplicate();
            pinnedView = view;
        }
        view.limit(frame.dataOffset() + bytes);
        view.position(frame.dataOffset());
        dataOut(view);
    }

    /** The pinned block, handed over to whoever releases it. */
    @Nullable
    ReceiveBlock takePinned() {
        ReceiveBlock taken = pinned;
        pinned = null;
        return taken;
    }

    /** The data-in buffer, handed over to whoever releases it. */
    @Nullable
    DataBuffer takeDataInBuffer() {
        DataBuffer taken = dataInBuffer;
        dataInBuffer = null;
        return taken;
    }

    /** True when {@code data} is the very buffer that {@link #allocateDataIn} gave. */
    @SuppressWarnings("ReferenceEquality")
    boolean ownsDataIn(ByteBuffer data) {
        DataBuffer mine = dataInBuffer;
        return mine != null && mine.bytes() == data;
    }

    @Override
    public int dataInRoom() {
        return (int) Math.min(Integer.MAX_VALUE, expectedReadBytes);
    }

    @Override
    public @Nullable ByteBuffer allocateDataIn(int bytes) {
        DataBuffer buffer = dataInBuffer;
        if (buffer != null && buffer.bytes().capacity() >= bytes) {
            buffer.bytes().clear();
            return buffer.bytes();
        }
        if (buffer != null) {
            service.releaseOnLoop(buffer);
        }
        buffer = service.takeDataBuffer(bytes);
        dataInBuffer = buffer;
        return buffer == null ? null : buffer.bytes();
    }

    /** True from {@link #ended} on. */
    boolean isEnded() {
        return ended;
    }

    @Override
    protected void ended() {
        ended = true;
        service.ended(this);
    }

    /** On the loop, when {@link #ended} came from elsewhere. */
    @Override
    public void run() {
        service.endedOnLoop(this);
    }
}
