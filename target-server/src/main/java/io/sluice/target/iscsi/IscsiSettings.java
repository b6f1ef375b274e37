package io.sluice.target.iscsi;

import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.iscsi.session.SessionSettings;
import java.time.Duration;
import java.util.List;

/**
 * Everything an {@link IscsiServer} is told.
 *
 * @param portals where to listen
 * @param advertised what discovery tells instead; empty: where it really listens
 * @param loops event loops, about one per core
 * @param busyPollMax how long at most a loop looks for the next event before it sleeps; zero: not at all
 * @param sessionsMax sessions at a time, discovery included
 * @param negotiation our side of every login
 * @param session bounds and times
 */
public record IscsiSettings(
        List<PortalAddress> portals,
        List<PortalAddress> advertised,
        int loops,
        Duration busyPollMax,
        int sessionsMax,
        NegotiationSettings negotiation,
        SessionSettings session) {
    private static final Duration BUSY_POLL_MAX = Duration.ofNanos(100_000);
    private static final int AHS_BYTES_MAX = 255 * 4;
    private static final int DIGESTS_AND_PADDING_BYTES = 12;

    /** Takes copies and checks what would not work. */
    public IscsiSettings {
        portals = List.copyOf(portals);
        advertised = List.copyOf(advertised);
        if (portals.isEmpty() || loops < 1 || sessionsMax < 1) {
            throw new IllegalArgumentException("at least one portal, one loop and one session are needed");
        }
        int longestPdu = BasicHeaderSegment.BYTES
                + AHS_BYTES_MAX
                + negotiation.maxRecvDataSegmentBytes()
                + DIGESTS_AND_PADDING_BYTES;
        if (session.receiveBufferBytes() < longestPdu) {
            throw new IllegalArgumentException("receiveBufferBytes must hold a PDU of " + longestPdu + " bytes");
        }
    }

    /** The defaults, on these portals. */
    public static IscsiSettings standard(List<PortalAddress> portals) {
        int loops = Runtime.getRuntime().availableProcessors();
        return new IscsiSettings(
                portals,
                List.of(),
                loops,
                BUSY_POLL_MAX,
                256,
                NegotiationSettings.standard(),
                SessionSettings.standard());
    }
}
