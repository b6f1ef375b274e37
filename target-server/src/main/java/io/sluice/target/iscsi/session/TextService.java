package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.TextKeys;
import io.sluice.target.iscsi.pdu.TextRequest;
import io.sluice.target.iscsi.pdu.TextResponse;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.jscsi.parser.OperationCode;
import org.jscsi.parser.reject.RejectParser.ReasonCode;

/**
 * Text Requests of the full feature phase (RFC 7143 sections 7.4, 11.10, 11.11), with continuation in both directions.
 *
 * <p>States: <em>collecting</em> a request over several PDUs, or <em>answering</em> with {@code rest} left to send.
 */
final class TextService {
    private static final int REQUEST_BYTES_MAX = 32 << 10;
    /** There is one exchange at a time, so one tag is enough. */
    private static final int TRANSFER_TAG = 1;

    private final PduWriter writer;
    private final Rejecter rejecter;
    private final Function<TextKeys, TextKeys> answers;
    private int segmentBytesMax;
    private final TextRequest request = new TextRequest();
    private final TextResponse response = new TextResponse();
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private byte[] rest = {};

    TextService(PduWriter writer, Rejecter rejecter, int segmentBytesMax, Function<TextKeys, TextKeys> answers) {
        this.writer = writer;
        this.rejecter = rejecter;
        this.segmentBytesMax = segmentBytesMax;
        this.answers = answers;
    }

    /** The initiator declared another MaxRecvDataSegmentLength: holds from the next answer on. */
    void peerSegmentBytesMax(int bytes) {
        segmentBytesMax = bytes;
    }

    void answer(PduFrame frame) {
        request.wrap(frame.buffer(), frame.header().offset());
        if (request.targetTransferTag() == BasicHeaderSegment.RESERVED_TAG) {
            collected.reset();
            rest = new byte[0];
        } else if (rest.length > 0) {
            sendPart();
            return;
        }
        if (collected.size() + frame.dataBytes() > REQUEST_BYTES_MAX || (request.isContinued() && request.isFinal())) {
            collected.reset();
            rejecter.reject(frame, ReasonCode.PROTOCOL_ERROR);
            return;
        }
        collected.writeBytes(TextKeys.copyOf(frame.buffer(), frame.dataOffset(), frame.dataBytes()));
        if (request.isContinued()) {
            send(new byte[0], false, false);
            return;
        }
        Optional<TextKeys> keys = TextKeys.parse(collected.toByteArray());
        collected.reset();
        if (keys.isEmpty()) {
            rejecter.reject(frame, ReasonCode.PROTOCOL_ERROR);
            return;
        }
        rest = answers.apply(keys.get()).encode();
        sendPart();
    }

    private void sendPart() {
        if (rest.length > segmentBytesMax) {
            byte[] part = Arrays.copyOf(rest, segmentBytesMax);
            rest = Arrays.copyOfRange(rest, segmentBytesMax, rest.length);
            send(part, false, true);
        } else {
            byte[] last = rest;
            rest = new byte[0];
            send(last, request.isFinal(), false);
        }
    }

    private void send(byte[] text, boolean last, boolean continued) {
        writer.begin(response, OperationCode.TEXT_RESPONSE);
        response.ends(last, continued);
        response.lun(request.lun());
        response.initiatorTaskTag(request.initiatorTaskTag());
        response.targetTransferTag(last ? BasicHeaderSegment.RESERVED_TAG : TRANSFER_TAG);
        writer.finish(response, StatusNumbering.ADVANCES, text);
    }
}
