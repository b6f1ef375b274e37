package io.sluice.target.scsi;

import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.MappedRun;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ScsiTask} inside the device server: its place in the task set, its range, its step. Used again for other
 * tasks of the same I_T_L nexus.
 *
 * <pre>
 * idle --begin--> dormant/enabled --start--> stepping --read/write/...--> in I/O --complete--> stepping
 *                                                  \--good/fail/end--> ended = idle
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>At most one operation of the volume is under way (a copy has them under way through commands of its own).
 *   <li>Steps run on the nexus's loop, because the volume's port is confined to it. Endings run anywhere.
 *   <li>An aborted command begins no further operation, and ends when the one under way is over.
 *   <li>{@code harmless} is set only while the operation under way cannot change the medium. It is cleared before {@code
 *       aborted} is looked at, and looked at after {@code aborted} was set: a command that is found harmless by whoever
 *       aborts it never writes again.
 *   <li>Ended exactly once; nothing of the command is touched after {@code ended()} of its task.
 * </ol>
 */
public final class Command implements IoCompletion, Runnable {
    private static final Step EXECUTE = command -> command.nexus.executeEnabled(command);

    private final ItlNexus nexus;
    private @Nullable ScsiTask task;
    private @Nullable CommandDescriptor descriptor;
    private TaskAttribute attribute = TaskAttribute.SIMPLE;
    private Step step = EXECUTE;
    private @Nullable IoFailure failure;
    private @Nullable ByteBuffer buffer;
    private List<MappedRun> runs = List.of();
    private @Nullable List<QuietLatch> latches;
    private volatile boolean aborted;
    private volatile boolean harmless;
    private boolean abortAnswered;
    private boolean enabled;
    private boolean rangeHeld;
    /** All that it waits for together has one deadline; else each operation has its own. */
    private boolean hasDeadline;

    private long deadlineNanos;
    private long offsetBytes;
    private long lengthBytes;
    private long doneBytes;

    // Loop only: an operation is being handed to the port; it completed within that call; a caller drives the steps.
    private boolean issuing;
    private boolean completedInline;
    private boolean driving;

    /** Index in the task set's list; guarded by the task set. */
    int place;
    /** Index in the range locks' list; guarded by the range locks. */
    int rangePlace;
    /** Whether the range excludes writes; set before the range is acquired. */
    boolean exclusive;

    Command(ItlNexus nexus) {
        this.nexus = nexus;
    }

    void begin(ScsiTask newTask, @Nullable CommandDescriptor row) {
        task = newTask;
        descriptor = row;
        attribute = newTask.attribute();
        step = EXECUTE;
        failure = null;
        aborted = false;
        harmless = false;
        abortAnswered = false;
        enabled = false;
        rangeHeld = false;
        hasDeadline = false;
        exclusive = false;
        issuing = false;
        completedInline = false;
        driving = false;
        offsetBytes = 0;
        lengthBytes = 0;
        doneBytes = 0;
    }

    // ---------------------------------------------------------------- what handlers ask

    /** The task; only before the end. */
    public ScsiTask task() {
        return Objects.requireNonNull(task, "the command has ended");
    }

    public byte[] cdb() {
        return task().cdb();
    }

    /** The row of the command table. */
    public CommandDescriptor descriptor() {
        return Objects.requireNonNull(descriptor);
    }

    public DeviceServer unit() {
        return nexus.unit();
    }

    public NexusIdentity initiator() {
        return nexus.identity();
    }

    /** The target through which the command came. */
    public TargetDevice target() {
        return nexus.target();
    }

    /** Whether task management has aborted the command: it begins nothing more, and ends. */
    public boolean isAborted() {
        return aborted;
    }

    /** Sends commands of the device server's own for this nexus; outlives the command. */
    public InternalInitiator internalInitiator() {
        return nexus;
    }

    /** Takes the next unit attention of this nexus, null when there is none. */
    public @Nullable SenseCode takeUnitAttention() {
        return nexus.attentions().next();
    }

    /** REPORT LUNS has told the inventory: the nexus need not be told at any logical unit that it changed. */
    public void forgetInventoryChange() {
        nexus.forgetInventoryChange();
    }

    /** Queues a unit attention for every other nexus of the logical unit. */
    public void raiseForOthers(SenseCode condition) {
        nexus.unit().raiseExcept(condition, nexus);
    }

    TaskAttribute attribute() {
        return attribute;
    }

    /** Waits for no data command and needs none of the memory for data; its own is small. */
    boolean isBeside() {
        return descriptor().reservationClass() == ReservationClass.PERSISTENT_RESERVATION;
    }

    boolean belongsTo(ItlNexus owner) {
        return nexus == owner;
    }

    boolean isOfOneOf(List<ItlNexus> owners) {
        return owners.contains(nexus);
    }

    boolean executes(ScsiTask other) {
        return task == other;
    }

    // ---------------------------------------------------------------- the handler's working values

    /** Sets the bytes of the volume the command is about. */
    public void range(long offset, long length) {
        offsetBytes = offset;
        lengthBytes = length;
        doneBytes = 0;
    }

    public long offsetBytes() {
        return offsetBytes;
    }

    public long lengthBytes() {
        return lengthBytes;
    }

    /** How much of the range is done. */
    public long doneBytes() {
        return doneBytes;
    }

    public void doneBytes(long value) {
        doneBytes = value;
    }

    /** The buffer put aside with {@link #buffer(ByteBuffer)}. */
    public ByteBuffer buffer() {
        return Objects.requireNonNull(buffer);
    }

    public void buffer(ByteBuffer value) {
        buffer = value;
    }

    /** What the initiator sent; an empty buffer for nothing. */
    public ByteBuffer dataOut() {
        ByteBuffer data = task().dataOut();
        return data == null ? EmptyBuffer.get() : data;
    }

    /**
     * A buffer from the session's bounded memory, cleared, its limit at {@code bytes}. Null: the command was ended with
     * TASK SET FULL.
     */
    public @Nullable ByteBuffer allocate(int bytes) {
        ByteBuffer allocated = task().allocateDataIn(bytes);
        if (allocated == null) {
            end(ScsiStatus.TASK_SET_FULL);
            return null;
        }
        allocated.clear().limit(bytes);
        return allocated;
    }

    // ---------------------------------------------------------------- operations on the volume

    /** Reads into {@code destination}, then goes on with {@code next}. */
    public void read(long offset, ByteBuffer destination, Step next) {
        issue(next);
        harmless = true;
        if (hasDeadline) {
            nexus.port().read(offset, destination, deadlineNanos, this);
        } else {
            nexus.port().read(offset, destination, this);
        }
        issued();
    }

    /** Writes, then goes on with {@code next}. */
    public void write(long offset, ByteBuffer source, boolean durable, Step next) {
        issue(next);
        if (hasDeadline) {
            nexus.port().write(offset, source, durable, deadlineNanos, this);
        } else {
            nexus.port().write(offset, source, durable, this);
        }
        issued();
    }

    /** Unmaps, then goes on with {@code next}. */
    public void unmap(long offset, long length, boolean durable, Step next) {
        issue(next);
        nexus.port().unmap(offset, length, durable, this);
        issued();
    }

    /** Writes one block over and over (WRITE SAME), then goes on with {@code next}. */
    public void fill(long offset, long length, ByteBuffer pattern, boolean durable, Step next) {
        issue(next);
        nexus.port().fill(offset, length, pattern, durable, this);
        issued();
    }

    /** Copies inside the volume, then goes on with {@code next}. */
    public void copy(long source, long destination, long length, boolean durable, Step next) {
        issue(next);
        nexus.port().copy(source, destination, length, durable, this);
        issued();
    }

    /** Asks which parts of a range are mapped, then goes on with {@code next}, for which {@link #runs} has them. */
    public void mapping(long offset, long length, int runsMax, Step next) {
        issue(next);
        nexus.port().mapping(offset, length, runsMax, (found, result) -> {
            runs = found;
            complete(result);
        });
        issued();
    }

    /** What {@link #mapping} found. */
    public List<MappedRun> runs() {
        return runs;
    }

    /** Flushes, then goes on with {@code next}. */
    public void flush(Step next) {
        issue(next);
        harmless = true;
        nexus.port().flush(this);
        issued();
    }

    /** Begins a flush that the command does not wait for; when it fails, the nexus is told by a deferred error. */
    public void flushBehind() {
        nexus.flushBehind();
    }

    /**
     * Waits until no exclusive command works on the range, and keeps such from it until the end. When it has to wait, its deadline
     * for reading and writing counts from here.
     */
    public void shareRange(Step next) {
        acquireRange(false, next);
    }

    /**
     * Waits until no write works on the range, and keeps all of them from it until the end. From here on it waits, in line, for
     * reading and for writing, until one deadline.
     */
    public void excludeRange(Step next) {
        acquireRange(true, next);
    }

    private void acquireRange(boolean excluding, Step next) {
        exclusive = excluding;
        step = next;
        rangeHeld = true;
        harmless = true;
        if (excluding) {
            setDeadline();
        }
        if (unit().ranges().acquire(this)) {
            resume();
        } else if (!hasDeadline) {
            setDeadline();
        }
    }

    private void setDeadline() {
        deadlineNanos = nexus.port().newDeadlineNanos();
        hasDeadline = true;
    }

    private void issue(Step next) {
        Invariant.check(!issuing, "one operation at a time");
        step = next;
        issuing = true;
        nexus.touched();
    }

    private void issued() {
        issuing = false;
        if (completedInline && !driving) {
            drive();
        }
    }

    /** The volume's word, on any thread. */
    @Override
    public void complete(@Nullable IoFailure result) {
        if (nexus.isOnLoop() && issuing) {
            failure = result;
            completedInline = true;
            return;
        }
        failure = result;
        if (result != null || aborted || step == Step.GOOD || step == Step.GOOD_WITH_DATA) {
            resume();
        } else {
            nexus.onLoop(this);
        }
    }

    /** Starts, or starts again, on the nexus's loop what had to wait in the task set or for its range. */
    void start() {
        nexus.onLoop(this);
    }

    /** On the loop: goes on. */
    @Override
    public void run() {
        nexus.enter();
        try {
            drive();
        } finally {
            nexus.leave();
        }
        nexus.submitTouched();
    }

    private void drive() {
        driving = true;
        do {
            completedInline = false;
            resume();
        } while (completedInline);
        driving = false;
    }

    private void resume() {
        harmless = false;
        IoFailure failed = failure;
        if (aborted) {
            finish(ScsiStatus.TASK_ABORTED, null);
        } else if (failed != null) {
            failure = null;
            IoFailureSense.end(this, failed);
        } else {
            step.run(this);
        }
    }

    // ---------------------------------------------------------------- endings

    /** Ends with GOOD. */
    public void good() {
        finish(ScsiStatus.GOOD, null);
    }

    /** Ends with GOOD; the first {@link #doneBytes} bytes of the buffer are the data-in. */
    void goodWithBuffer() {
        task().dataIn(buffer().position(0).limit((int) doneBytes));
        good();
    }

    /** Ends with a status that has no sense data. */
    public void end(ScsiStatus status) {
        task().wanted(task().dataOutWanted(), 0);
        task().dataIn(null);
        finish(status, null);
    }

    /** Ends with what the failure of a volume means for the host. */
    public void fail(IoFailure why) {
        IoFailureSense.end(this, why);
    }

    /** Ends with CHECK CONDITION. */
    public void fail(SenseCode code) {
        failWith(SenseData.encode(code, unit().descriptorSense()));
    }

    /** Ends with CHECK CONDITION and the INFORMATION field. */
    public void fail(SenseCode code, long information) {
        failWith(SenseData.encode(code, information, unit().descriptorSense()));
    }

    /** Ends with CHECK CONDITION for an earlier command's failure; this one has done nothing. */
    void failDeferred(SenseCode code) {
        failWith(SenseData.encodeDeferred(code, unit().descriptorSense()));
    }

    /** Ends with CHECK CONDITION and these sense data. */
    public void failWith(byte[] sense) {
        task().wanted(task().dataOutWanted(), 0);
        task().dataIn(null);
        finish(ScsiStatus.CHECK_CONDITION, sense);
    }

    /** Ends with parameter data, cut at the allocation length and at what the initiator takes. */
    public void reply(ParameterData data, long allocationLength) {
        int given = (int) Math.min(data.length(), allocationLength);
        int moved = Math.min(given, task().dataInRoom());
        if (moved > 0) {
            ByteBuffer reply = isBeside() ? ByteBuffer.allocate(moved) : allocate(moved);
            if (reply == null) {
                return;
            }
            reply.put(data.bytes(), 0, moved).flip();
            task().dataIn(reply);
        }
        task().wanted(task().dataOutWanted(), given);
        good();
    }

    private void finish(ScsiStatus status, byte @Nullable [] sense) {
        ScsiTask ending = task();
        if (rangeHeld) {
            unit().ranges().release(this);
        }
        List<QuietLatch> waitingForEnd = enabled ? unit().tasks().leave(this) : null;
        boolean wasAborted = aborted;
        task = null;
        buffer = null;
        runs = List.of();
        if (wasAborted) {
            ending.wanted(ending.dataOutWanted(), 0);
            ending.dataIn(null);
            if (abortAnswered) {
                ending.end(ScsiStatus.TASK_ABORTED, null);
            } else {
                ending.endUnanswered();
            }
        } else {
            ending.end(status, sense);
        }
        if (waitingForEnd != null) {
            waitingForEnd.forEach(QuietLatch::release);
        }
        nexus.recycle(this);
    }

    // ---------------------------------------------------------------- for the task set

    /** The task set has it, dormant or enabled; whatever ends it now takes it out again. */
    void entered() {
        enabled = true;
    }

    /** With the task set locked. Whoever aborts it first says whether the initiator hears of it. */
    void abortWhenQuiet(boolean answered, QuietLatch latch) {
        if (!aborted) {
            abortAnswered = answered;
            aborted = true;
        }
        if (harmless) {
            return;
        }
        latch.retain();
        if (latches == null) {
            latches = new ArrayList<>(1);
        }
        latches.add(latch);
    }

    /** With the task set locked. */
    @Nullable
    List<QuietLatch> takeLatches() {
        List<QuietLatch> taken = latches;
        latches = null;
        return taken;
    }

    /** Ends a dormant command that was taken out of the task set. */
    void endDormant(boolean answered) {
        enabled = false;
        abortAnswered = answered;
        aborted = true;
        finish(ScsiStatus.TASK_ABORTED, null);
    }
}
