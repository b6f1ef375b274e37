package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.LogoutRequest;
import io.sluice.target.iscsi.pdu.LogoutResponsePdu;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.net.Connection;
import java.time.Duration;
import org.jscsi.parser.OperationCode;
import org.jscsi.parser.logout.LogoutRequestParser.LogoutReasonCode;
import org.jscsi.parser.logout.LogoutResponse;
import org.jspecify.annotations.Nullable;

/**
 * Logout (RFC 7143 sections 11.14, 11.15): commands that still collect data are dropped, those that execute are waited
 * for, but not for ever; then the response leaves and the connection ends.
 */
final class LogoutService {
    private final Connection connection;
    private final PduWriter writer;
    private final @Nullable TaskService tasks;
    private final int connectionId;
    private final Duration waitTime;
    private final LogoutRequest request = new LogoutRequest();
    private final LogoutResponsePdu response = new LogoutResponsePdu();
    private boolean ending;

    LogoutService(
            Connection connection, PduWriter writer, @Nullable TaskService tasks, int connectionId, Duration waitTime) {
        this.connection = connection;
        this.writer = writer;
        this.tasks = tasks;
        this.connectionId = connectionId;
        this.waitTime = waitTime;
    }

    /** True from the accepted request on: no further commands. */
    boolean isEnding() {
        return ending;
    }

    void logout(PduFrame frame) {
        request.wrap(frame.buffer(), frame.header().offset());
        int tag = request.initiatorTaskTag();
        int reason = request.reason();
        if (reason == LogoutReasonCode.CONNECTION_RECOVERY.value()) {
            respond(tag, LogoutResponse.CONNECTION_RECOVERY_NOT_SUPPORTED);
        } else if (reason == LogoutReasonCode.CLOSE_CONNECTION.value() && request.connectionId() != connectionId) {
            respond(tag, LogoutResponse.CID_NOT_FOUND);
        } else {
            endWhenQuiet("logout", () -> respond(tag, LogoutResponse.CONNECTION_CLOSED_SUCCESSFULLY));
        }
    }

    /** Takes no more commands, lets those that execute finish, runs {@code farewell} and closes. */
    void endWhenQuiet(String reason, Runnable farewell) {
        if (ending) {
            return;
        }
        ending = true;
        if (tasks == null) {
            end(reason, farewell);
            return;
        }
        tasks.abort(task -> !task.isExecuting());
        if (tasks.executing() == 0) {
            end(reason, farewell);
        } else {
            tasks.onIdle(() -> end(reason, farewell));
            connection.loop().schedule(waitTime, () -> end(reason, farewell));
        }
    }

    private void end(String reason, Runnable farewell) {
        if (connection.isOpen()) {
            farewell.run();
            connection.closeAfterSending(reason);
        }
    }

    private void respond(int tag, LogoutResponse result) {
        writer.begin(response, OperationCode.LOGOUT_RESPONSE);
        response.initiatorTaskTag(tag);
        response.response(result.value());
        writer.finish(response, StatusNumbering.ADVANCES);
    }
}
