package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.net.Connection;
import io.sluice.target.net.ConnectionHandler;
import io.sluice.target.net.ReceiveBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts the stream of one connection into PDUs and hands them to the present phase. Errors of framing end the
 * connection: nobody knows where the next PDU would begin.
 */
public final class IscsiConnection implements ConnectionHandler, ConnectionPhases {
    private static final Logger log = LoggerFactory.getLogger(IscsiConnection.class);

    private final Connection connection;
    private final PduFrame frame = new PduFrame();
    private final ConnectionLimits.Slot slot;
    private ConnectionPhase phase;

    /** Begins with the login phase; {@code slot} is given back at the end. */
    public IscsiConnection(Connection connection, ServerContext context, ConnectionLimits.Slot slot) {
        this.connection = connection;
        this.slot = slot;
        this.phase = new LoginPhase(connection, context, this, slot);
    }

    @Override
    public int received(ReceiveBuffer received) {
        while (connection.isOpen() && !connection.isSuspended() && !connection.isCongested()) {
            PduFrame.Outcome outcome = frame.parse(
                    received.bytes(), received.readIndex(), received.availableBytes(), phase.dataBytesMax());
            switch (outcome) {
                case INCOMPLETE -> {
                    return frame.totalBytes();
                }
                case COMPLETE -> {
                    received.consume(frame.totalBytes());
                    phase.receive(frame);
                }
                case HEADER_DIGEST_WRONG -> drop("header digest wrong");
                case TOO_LONG -> phase.receiveTooLong(frame);
            }
        }
        return 1;
    }

    @Override
    public void endOfTurn() {
        phase.endOfTurn();
    }

    @Override
    public void closed(String reason) {
        slot.close();
        phase.closed(reason);
    }

    @Override
    public ConnectionPhase current() {
        return phase;
    }

    @Override
    public void enter(ConnectionPhase next, boolean headerDigest, boolean dataDigest) {
        phase = next;
        frame.digests(headerDigest, dataDigest);
    }

    private void drop(String why) {
        log.warn("connection from {} dropped: {}", connection.remoteAddress(), why);
        connection.close(why);
    }
}
