package io.sluice.target.iscsi.session;

import io.sluice.storage.runtime.Cancellable;
import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.iscsi.pdu.NopIn;
import io.sluice.target.iscsi.pdu.NopOut;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.TextKeys;
import io.sluice.target.net.Connection;
import java.time.Duration;
import org.jscsi.parser.OperationCode;

/**
 * NOP-Out and NOP-In (RFC 7143 sections 11.18, 11.19): answers pings, asks a silent initiator whether it is there, and
 * gives it up when nothing comes. Any byte is a sign of life.
 */
final class PingService {
    private static final int PING_BYTES_MAX = 8192;

    private final Connection connection;
    private final PduWriter writer;
    private final Duration pingAfterIdle;
    private final Duration dropAfterSilence;
    private final int peerSegmentBytesMax;
    private final NopOut nopOut = new NopOut();
    private final NopIn nopIn = new NopIn();
    private int nextPingTag;
    private Cancellable timer;

    PingService(Connection connection, PduWriter writer, SessionSettings settings, int peerSegmentBytesMax) {
        this.connection = connection;
        this.writer = writer;
        this.pingAfterIdle = settings.pingAfterIdle();
        this.dropAfterSilence = settings.dropAfterSilence();
        this.peerSegmentBytesMax = peerSegmentBytesMax;
        this.timer = connection.loop().schedule(pingAfterIdle, this::check);
    }

    void close() {
        timer.cancel();
    }

    void answer(PduFrame frame) {
        nopOut.wrap(frame.buffer(), frame.header().offset());
        if (nopOut.initiatorTaskTag() == BasicHeaderSegment.RESERVED_TAG) {
            return;
        }
        int bytes = Math.min(frame.dataBytes(), Math.min(PING_BYTES_MAX, peerSegmentBytesMax));
        byte[] echo = TextKeys.copyOf(frame.buffer(), frame.dataOffset(), bytes);
        writer.begin(nopIn, OperationCode.NOP_IN);
        nopIn.lun(nopOut.lun());
        nopIn.initiatorTaskTag(nopOut.initiatorTaskTag());
        nopIn.targetTransferTag(BasicHeaderSegment.RESERVED_TAG);
        writer.finish(nopIn, StatusNumbering.ADVANCES, echo);
    }

    private void check() {
        if (!connection.isOpen()) {
            return;
        }
        Duration silence =
                Duration.ofNanos(connection.loop().clock().monotonicNanos() - connection.lastReceivedNanos());
        if (silence.compareTo(dropAfterSilence) >= 0) {
            connection.close("the initiator has been silent for " + silence.toSeconds() + " s");
            return;
        }
        boolean idle = silence.compareTo(pingAfterIdle) >= 0;
        if (idle) {
            ping();
        }
        Duration next = (idle ? dropAfterSilence : pingAfterIdle).minus(silence);
        timer = connection.loop().schedule(next, this::check);
    }

    private void ping() {
        writer.begin(nopIn, OperationCode.NOP_IN);
        nopIn.initiatorTaskTag(BasicHeaderSegment.RESERVED_TAG);
        nopIn.targetTransferTag(nextPingTag);
        nextPingTag = (nextPingTag + 1) & Integer.MAX_VALUE;
        writer.finish(nopIn, StatusNumbering.SHOWS);
    }
}
