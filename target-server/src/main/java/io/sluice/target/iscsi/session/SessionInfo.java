package io.sluice.target.iscsi.session;

import java.net.InetSocketAddress;
import java.time.Instant;

/**
 * A session as an operator sees it.
 *
 * @param initiatorName normalised
 * @param targetName empty for discovery
 * @param remoteAddress where the initiator is
 * @param isid 48 bits
 * @param targetSessionIdentifyingHandle TSIH
 * @param commandsInFlight collecting data or executing
 * @param receivedBytes from the initiator, everything counted
 * @param sentBytes to the initiator
 * @param since end of the login
 */
public record SessionInfo(
        String initiatorName,
        String targetName,
        InetSocketAddress remoteAddress,
        long isid,
        int targetSessionIdentifyingHandle,
        int commandsInFlight,
        long receivedBytes,
        long sentBytes,
        Instant since) {}
