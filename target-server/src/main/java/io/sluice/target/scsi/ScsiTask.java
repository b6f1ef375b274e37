package io.sluice.target.scsi;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One SCSI command on its way through transport and device server (SAM-5 section 5.1, "Execute Command").
 *
 * <p>States: <em>received</em> (the transport has set CDB, LUN, attribute), <em>planned</em> ({@link Nexus#plan} has
 * said how much data-out the CDB wants), <em>executing</em> (data-out is complete, {@link Nexus#execute} was called),
 * <em>ended</em> ({@link #end} was called exactly once). The transport subclasses it with what it needs to answer, and
 * may use an instance again after it ended.
 *
 * <p>Owned by the session's loop until {@code execute}, by the device server until {@link #end}.
 */
public abstract class ScsiTask {
    private final byte[] cdb = new byte[16];
    private final byte[] lun = new byte[8];
    private TaskAttribute attribute = TaskAttribute.SIMPLE;
    private long dataOutWanted;
    private long dataInWanted;
    private @Nullable ByteBuffer dataOut;
    private @Nullable ByteBuffer dataIn;
    private ScsiStatus status = ScsiStatus.GOOD;
    private byte @Nullable [] sense;
    private boolean unanswered;

    /** The 16 bytes of the CDB, zeros behind a shorter one; the transport fills it. */
    public final byte[] cdb() {
        return cdb;
    }

    /** The 8-byte LUN field (SAM-5 section 4.7); the transport fills it. */
    public final byte[] lun() {
        return lun;
    }

    public final TaskAttribute attribute() {
        return attribute;
    }

    /** Set by the transport before {@link Nexus#plan}. */
    public final void attribute(TaskAttribute value) {
        attribute = value;
    }

    /** Bytes of data-out that the CDB asks for; 0 for none. Known after {@link Nexus#plan}. */
    public final long dataOutWanted() {
        return dataOutWanted;
    }

    /** Bytes of data-in the CDB asks for at most (transfer or allocation length). Known after {@link Nexus#plan}. */
    public final long dataInWanted() {
        return dataInWanted;
    }

    /** Set by the device server in {@link Nexus#plan}. */
    public final void wanted(long dataOutBytes, long dataInBytes) {
        dataOutWanted = dataOutBytes;
        dataInWanted = dataInBytes;
    }

    /** What the initiator sent, position to limit; may be shorter than wanted (then the residual says so). */
    public final @Nullable ByteBuffer dataOut() {
        return dataOut;
    }

    /** Set by the transport before {@link Nexus#execute}; stays unchanged until {@link #end}. */
    public final void dataOut(@Nullable ByteBuffer data) {
        dataOut = data;
    }

    /**
     * At most how many bytes of data-in the initiator takes: the device server need not produce more, but must set
     * {@link #dataInWanted} to what the CDB really gives, so that the transport can compute the residual.
     */
    public abstract int dataInRoom();

    /**
     * A cleared buffer for data-in with at least {@code bytes} of room, for {@link #dataIn(ByteBuffer)}; belongs to the
     * task and goes back to its pool when the answer was sent. Null when the session's memory bound is reached: answer
     * TASK SET FULL.
     */
    public abstract @Nullable ByteBuffer allocateDataIn(int bytes);

    /** The answer's data, position to limit; null for none. */
    public final @Nullable ByteBuffer dataIn() {
        return dataIn;
    }

    /** Set by the device server before {@link #end}. */
    public final void dataIn(@Nullable ByteBuffer data) {
        dataIn = data;
    }

    public final ScsiStatus status() {
        return status;
    }

    /** Sense data without the two-byte length; only with CHECK CONDITION. */
    public final byte @Nullable [] sense() {
        return sense;
    }

    /** Puts everything back for use with another command. */
    protected final void reset() {
        java.util.Arrays.fill(cdb, (byte) 0);
        java.util.Arrays.fill(lun, (byte) 0);
        attribute = TaskAttribute.SIMPLE;
        wanted(0, 0);
        dataOut = null;
        dataIn = null;
        status = ScsiStatus.GOOD;
        sense = null;
        unanswered = false;
    }

    /** Ends the task: the device server calls this exactly once, on any thread. */
    public final void end(ScsiStatus endStatus, byte @Nullable [] endSense) {
        status = endStatus;
        sense = endSense;
        ended();
    }

    /**
     * Ends the task in the place of {@link #end}, for an aborted one of which the initiator is to hear nothing: its own
     * abort, or somebody else's while TAS is zero (SAM-5 section 5.3.1).
     */
    public final void endUnanswered() {
        unanswered = true;
        end(ScsiStatus.TASK_ABORTED, null);
    }

    /** True when the transport must not send a status. */
    public final boolean isUnanswered() {
        return unanswered;
    }

    /** Called once by {@link #end} on the same thread: the transport sends the answer (and hops to its loop). */
    protected abstract void ended();
}
