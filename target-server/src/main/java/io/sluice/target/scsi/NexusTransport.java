package io.sluice.target.scsi;

import java.util.concurrent.Executor;

/**
 * The transport's side of an I_T nexus: the session that carries it. As an {@link Executor} it runs work on the session's
 * loop; the other methods are called there.
 */
@FunctionalInterface
public interface NexusTransport extends Executor {
    /**
     * Aborts the tasks that have arrived, but were not handed to {@link Nexus#execute} yet because their data is still on
     * its way.
     *
     * @param lun of this logical unit
     * @param answered with TASK ABORTED; without an answer otherwise
     * @return how many there were
     */
    default int abortCollecting(int lun, boolean answered) {
        return 0;
    }

    /** Tells the initiator about a condition without being asked (SPC-4 section 4.5, asynchronous event reporting). */
    default void report(SenseCode condition) {}
}
