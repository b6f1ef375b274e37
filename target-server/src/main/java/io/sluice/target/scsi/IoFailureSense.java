package io.sluice.target.scsi;

import io.sluice.storage.volume.IoFailure;

/**
 * The one place where failures of a volume become what the host is told.
 *
 * <ul>
 *   <li>BUSY: status BUSY; hosts try again without an end.
 *   <li>FENCED: 02/04/0C, on which multipath takes another path and nobody waits for this one.
 *   <li>CLOSED: 02/04/01, on which hosts try again: the gateway is being stopped or restarted.
 * </ul>
 */
final class IoFailureSense {
    private IoFailureSense() {}

    static void end(Command command, IoFailure failure) {
        switch (failure.kind()) {
            case BUSY -> command.end(ScsiStatus.BUSY);
            case UNREADABLE -> endUnreadable(command, failure);
            case WRITE_FAILED -> command.fail(SenseCode.WRITE_ERROR);
            case NO_SPACE -> command.fail(SenseCode.SPACE_ALLOCATION_FAILED_WRITE_PROTECT);
            case FENCED -> command.fail(SenseCode.LOGICAL_UNIT_NOT_ACCESSIBLE_TARGET_PORT_IN_UNAVAILABLE_STATE);
            case CLOSED -> command.fail(SenseCode.LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY);
            case BAD_RANGE -> command.fail(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
            case READ_ONLY -> command.fail(SenseCode.WRITE_PROTECTED);
        }
    }

    /** For a flush that nobody waited for: what was acknowledged is not safe. */
    static SenseCode deferred(IoFailure failure) {
        return switch (failure.kind()) {
            case BUSY, UNREADABLE, WRITE_FAILED, BAD_RANGE -> SenseCode.WRITE_ERROR;
            case NO_SPACE -> SenseCode.SPACE_ALLOCATION_FAILED_WRITE_PROTECT;
            case FENCED -> SenseCode.LOGICAL_UNIT_NOT_ACCESSIBLE_TARGET_PORT_IN_UNAVAILABLE_STATE;
            case CLOSED -> SenseCode.LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY;
            case READ_ONLY -> SenseCode.WRITE_PROTECTED;
        };
    }

    private static void endUnreadable(Command command, IoFailure failure) {
        if (failure.offsetBytes() < 0) {
            command.fail(SenseCode.UNRECOVERED_READ_ERROR);
        } else {
            long block = failure.offsetBytes() / command.unit().blockBytes();
            command.fail(SenseCode.UNRECOVERED_READ_ERROR, block);
        }
    }
}
