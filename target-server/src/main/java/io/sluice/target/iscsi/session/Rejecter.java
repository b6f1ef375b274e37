package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.Reject;
import io.sluice.target.iscsi.pdu.TextKeys;
import org.jscsi.parser.OperationCode;
import org.jscsi.parser.reject.RejectParser.ReasonCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers PDUs that cannot be understood but whose end is known (RFC 7143 section 11.17). */
final class Rejecter {
    private static final Logger log = LoggerFactory.getLogger(Rejecter.class);

    private final PduWriter writer;
    private final String peer;
    private final Reject reject = new Reject();

    Rejecter(PduWriter writer, String peer) {
        this.writer = writer;
        this.peer = peer;
    }

    void reject(PduFrame frame, ReasonCode reason) {
        log.debug(
                "{}: PDU with opcode 0x{} rejected: {}",
                peer,
                Integer.toHexString(frame.header().opcode()),
                reason);
        byte[] header = TextKeys.copyOf(frame.buffer(), frame.header().offset(), BasicHeaderSegment.BYTES);
        writer.begin(reject, OperationCode.REJECT);
        reject.initiatorTaskTag(BasicHeaderSegment.RESERVED_TAG);
        reject.reason(reason.value());
        writer.finish(reject, StatusNumbering.ADVANCES, header);
    }
}
