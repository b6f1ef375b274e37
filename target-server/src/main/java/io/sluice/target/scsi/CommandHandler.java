package io.sluice.target.scsi;

/** Executes one kind of command; has no state of its own per command (that is in {@link Command}). */
@FunctionalInterface
public interface CommandHandler {
    /** Called on the nexus's loop; the command must be ended exactly once, now or later. */
    void execute(Command command);
}
