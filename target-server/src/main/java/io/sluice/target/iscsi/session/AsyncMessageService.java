package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.AsyncMessage;
import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.SenseData;
import java.time.Duration;
import org.jscsi.parser.OperationCode;
import org.jscsi.parser.asynchronous.AsynchronousMessageParser.AsyncEventCodes;

/**
 * Asynchronous Messages of one session (RFC 7143 section 11.9): a SCSI event (0), the wish that the initiator logs out
 * (1), the announcement that the connection ends (2). A session has one connection, so event 3 says no more than 2; event
 * 4 makes initiators drop the session, and is not sent.
 */
final class AsyncMessageService {
    /** Seconds before the initiator may come again. */
    private static final int TIME_TO_WAIT_SECONDS = 2;

    private static final int SECONDS_MAX = 0xffff;

    private final PduWriter writer;
    private final int connectionId;
    private final AsyncMessage message = new AsyncMessage();

    AsyncMessageService(PduWriter writer, int connectionId) {
        this.writer = writer;
        this.connectionId = connectionId;
    }

    /** Event 0; of the target as a whole, so with LUN 0. */
    void report(SenseCode condition) {
        begin(AsyncEventCodes.SCSI_ASYNCHRONOUS_EVENT);
        writer.finish(message, StatusNumbering.ADVANCES, TaskResponder.withLength(SenseData.encode(condition, false)));
    }

    /** Event 1: Parameter3 says within how many seconds. */
    void requestLogout(Duration within) {
        begin(AsyncEventCodes.LOGOUT);
        message.parameter3((int) Math.min(SECONDS_MAX, Math.max(1, within.toSeconds())));
        writer.finish(message, StatusNumbering.ADVANCES);
    }

    /** Event 2: the connection ends now; nothing of it is kept. */
    void announceDrop() {
        begin(AsyncEventCodes.DROP_CONNECTION);
        message.parameter1(connectionId);
        message.parameter2(TIME_TO_WAIT_SECONDS);
        writer.finish(message, StatusNumbering.ADVANCES);
    }

    private void begin(AsyncEventCodes event) {
        writer.begin(message, OperationCode.ASYNC_MESSAGE);
        message.initiatorTaskTag(BasicHeaderSegment.RESERVED_TAG);
        message.event(event.value());
    }
}
