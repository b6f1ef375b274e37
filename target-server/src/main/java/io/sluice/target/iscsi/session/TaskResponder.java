package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.login.SessionParameters;
import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.iscsi.pdu.DataIn;
import io.sluice.target.iscsi.pdu.ScsiResponse;
import io.sluice.target.net.DataBuffer;
import io.sluice.target.scsi.ScsiStatus;
import java.nio.ByteBuffer;
import org.jscsi.parser.OperationCode;
import org.jspecify.annotations.Nullable;

/**
 * Answers ended tasks: Data-In in pieces, with the status in the last one when it is GOOD, otherwise a SCSI Response
 * (RFC 7143 sections 11.4 and 11.7).
 */
final class TaskResponder {
    private static final int MULTIPLE_OF_FOUR = ~3;

    private final PduWriter writer;
    private final SessionParameters parameters;
    private final DataIn dataIn = new DataIn();
    private final ScsiResponse response = new ScsiResponse();
    private final int pieceBytesLimit;
    private int pieceBytesMax;

    TaskResponder(PduWriter writer, SessionParameters parameters, int pieceBytesLimit) {
        this.writer = writer;
        this.parameters = parameters;
        this.pieceBytesLimit = pieceBytesLimit;
        peerSegmentBytesMax(parameters.peerSegmentBytesMax());
    }

    /** The initiator takes data segments of this length from now on. */
    void peerSegmentBytesMax(int bytes) {
        pieceBytesMax = Math.min(bytes, pieceBytesLimit) & MULTIPLE_OF_FOUR;
    }

    /** Queues the answer; takes the task's data-in buffer over. */
    void respond(SessionTask task) {
        ByteBuffer data = task.dataIn();
        int bytes = data == null ? 0 : Math.min(data.remaining(), task.dataInRoom());
        boolean statusInData = bytes > 0 && task.status() == ScsiStatus.GOOD && !(task.isRead() && task.isWrite());
        int pieces = data == null ? 0 : sendData(task, data, bytes, statusInData);
        if (!statusInData) {
            sendResponse(task, bytes, pieces);
        }
    }

    private int sendData(SessionTask task, ByteBuffer data, int bytes, boolean withStatus) {
        boolean mine = task.ownsDataIn(data);
        DataBuffer owner = mine && bytes > 0 ? task.takeDataInBuffer() : null;
        int start = data.position();
        int number = 0;
        int burstLeft = parameters.maxBurstBytes();
        for (int offset = 0; offset < bytes; number++) {
            int piece = Math.min(Math.min(pieceBytesMax, burstLeft), bytes - offset);
            boolean last = offset + piece == bytes;
            burstLeft -= piece;
            beginData(task, number, offset, last || burstLeft == 0);
            StatusNumbering numbering = last && withStatus ? addStatus(task, bytes) : StatusNumbering.ABSENT;
            writer.finish(dataIn, numbering, pieceOf(owner, data, number, start + offset, piece), last ? owner : null);
            offset += piece;
            burstLeft = burstLeft == 0 ? parameters.maxBurstBytes() : burstLeft;
        }
        return number;
    }

    private static ByteBuffer pieceOf(@Nullable DataBuffer owner, ByteBuffer data, int number, int from, int bytes) {
        return owner == null ? data.slice(from, bytes) : owner.view(number, from, bytes);
    }

    private void beginData(SessionTask task, int number, int offset, boolean endsSequence) {
        writer.begin(dataIn, OperationCode.SCSI_DATA_IN);
        dataIn.flags(endsSequence ? DataIn.LAST : 0);
        dataIn.initiatorTaskTag(task.tag());
        dataIn.targetTransferTag(BasicHeaderSegment.RESERVED_TAG);
        dataIn.dataSequenceNumber(number);
        dataIn.bufferOffset(offset);
    }

    private StatusNumbering addStatus(SessionTask task, int bytes) {
        long residual = Residual.ofTask(task, bytes);
        dataIn.flags(dataIn.flags() | DataIn.STATUS | Residual.flags(residual));
        dataIn.status(task.status().code());
        dataIn.residualBytes(Residual.count(residual));
        return StatusNumbering.ADVANCES;
    }

    private void sendResponse(SessionTask task, int dataInBytes, int pieces) {
        long residual = Residual.ofTask(task, dataInBytes);
        long readResidual = Residual.ofBidirectionalRead(task, dataInBytes);
        writer.begin(response, OperationCode.SCSI_RESPONSE);
        response.flags(response.flags()
                | Residual.flags(residual)
                | (Residual.flags(readResidual) << Residual.BIDIRECTIONAL_SHIFT));
        response.initiatorTaskTag(task.tag());
        response.status(task.status().code());
        response.residualBytes(Residual.count(residual));
        response.bidirectionalReadResidualBytes(Residual.count(readResidual));
        response.expectedDataSequenceNumber(pieces + task.collector().readyToTransferCount());
        byte[] sense = task.sense();
        if (sense == null || sense.length == 0) {
            writer.finish(response, StatusNumbering.ADVANCES);
        } else {
            writer.finish(response, StatusNumbering.ADVANCES, withLength(sense));
        }
    }

    /** SenseLength and sense (section 11.4.7). */
    static byte[] withLength(byte[] sense) {
        byte[] segment = new byte[Short.BYTES + sense.length];
        ByteBuffer.wrap(segment).putShort((short) sense.length).put(sense);
        return segment;
    }
}
