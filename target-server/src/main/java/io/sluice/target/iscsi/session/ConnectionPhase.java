package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.PduFrame;
import java.time.Duration;

/** What a connection does with its PDUs: login first, full feature phase then (RFC 7143 section 4.2.5). */
interface ConnectionPhase {
    /** The longest data segment that is taken now. */
    int dataBytesMax();

    /** One complete PDU with a sound header. */
    void receive(PduFrame frame);

    /** A PDU whose data segment is longer than {@link #dataBytesMax}; the stream cannot be followed any further. */
    void receiveTooLong(PduFrame frame);

    /** The end of a turn. */
    void endOfTurn();

    /** Asks the initiator to leave. */
    void requestLogout(Duration within);

    /** Finishes what executes and closes. */
    void finish(String reason);

    /** The connection is gone. */
    void closed(String reason);
}
