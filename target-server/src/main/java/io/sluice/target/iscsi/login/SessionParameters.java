package io.sluice.target.iscsi.login;

import java.util.Map;
import org.jscsi.parser.datasegment.OperationalTextKey;

/**
 * What holds for a session after login.
 *
 * @param headerDigest CRC32C behind every header
 * @param dataDigest CRC32C behind every data segment
 * @param initialReadyToTransfer true: no unsolicited Data-Out
 * @param immediateData whether commands may carry data
 * @param peerSegmentBytesMax the longest data segment the initiator takes
 * @param maxBurstBytes bound on one sequence
 * @param firstBurstBytes bound on unsolicited data, immediate data included
 * @param maxOutstandingReadyToTransfer R2Ts in flight per task
 */
public record SessionParameters(
        boolean headerDigest,
        boolean dataDigest,
        boolean initialReadyToTransfer,
        boolean immediateData,
        int peerSegmentBytesMax,
        int maxBurstBytes,
        int firstBurstBytes,
        int maxOutstandingReadyToTransfer) {
    /** From what was agreed, with the defaults of RFC 7143 for the rest. */
    public static SessionParameters of(Map<String, String> agreed) {
        int burstBytes = number(agreed, OperationalTextKey.MAX_BURST_LENGTH);
        return new SessionParameters(
                value(agreed, OperationalTextKey.HEADER_DIGEST).equals(KeyRules.CRC32C),
                value(agreed, OperationalTextKey.DATA_DIGEST).equals(KeyRules.CRC32C),
                value(agreed, OperationalTextKey.INITIAL_R2T).equals(KeyRules.YES),
                value(agreed, OperationalTextKey.IMMEDIATE_DATA).equals(KeyRules.YES),
                number(agreed, OperationalTextKey.MAX_RECV_DATA_SEGMENT_LENGTH),
                burstBytes,
                Math.min(burstBytes, number(agreed, OperationalTextKey.FIRST_BURST_LENGTH)),
                number(agreed, OperationalTextKey.MAX_OUTSTANDING_R2T));
    }

    private static String value(Map<String, String> agreed, OperationalTextKey key) {
        return agreed.getOrDefault(key.value(), KeyTable.defaultOf(key));
    }

    private static int number(Map<String, String> agreed, OperationalTextKey key) {
        return Integer.parseInt(value(agreed, key));
    }
}
