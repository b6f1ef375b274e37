package io.sluice.target.scsi;

/** What a command does after an operation of its volume has succeeded; runs on the nexus's loop. */
@FunctionalInterface
public interface Step {
    /** Ends the command GOOD; needs no volume, so it runs on whatever thread completed the operation. */
    Step GOOD = Command::good;

    /** Ends the command GOOD with its buffer as data-in; like {@link #GOOD} on any thread. */
    Step GOOD_WITH_DATA = Command::goodWithBuffer;

    void run(Command command);
}
