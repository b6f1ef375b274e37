package io.sluice.target.iscsi.login;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jscsi.parser.datasegment.OperationalTextKey;

/** RFC 7143 section 13 as a table: every key, its rule and its default. */
final class KeyTable {
    private static final int LENGTH_MIN = 512;
    private static final int LENGTH_MAX = 16_777_215;
    private static final int SECONDS_MAX = 3600;
    private static final int COUNT_MAX = 65_535;

    private static final Map<String, KeyRule> RULES = new HashMap<>();
    private static final Map<String, String> DEFAULTS = new HashMap<>();

    static {
        key(OperationalTextKey.HEADER_DIGEST, KeyRules.NONE, KeyRules.digest(NegotiationSettings::headerDigest));
        key(OperationalTextKey.DATA_DIGEST, KeyRules.NONE, KeyRules.digest(NegotiationSettings::dataDigest));
        key(OperationalTextKey.MAX_CONNECTIONS, "1", KeyRules.minimum(1, COUNT_MAX, ours -> 1));
        key(OperationalTextKey.INITIAL_R2T, "Yes", KeyRules.or(NegotiationSettings::initialReadyToTransfer));
        key(OperationalTextKey.IMMEDIATE_DATA, "Yes", KeyRules.and(NegotiationSettings::immediateData));
        key(OperationalTextKey.MAX_RECV_DATA_SEGMENT_LENGTH, "8192", KeyRules.declaredNumber(LENGTH_MIN, LENGTH_MAX));
        key(
                OperationalTextKey.MAX_BURST_LENGTH,
                "262144",
                KeyRules.minimum(LENGTH_MIN, LENGTH_MAX, NegotiationSettings::maxBurstBytes));
        key(
                OperationalTextKey.FIRST_BURST_LENGTH,
                "65536",
                KeyRules.minimum(LENGTH_MIN, LENGTH_MAX, NegotiationSettings::firstBurstBytes));
        key(
                OperationalTextKey.MAX_OUTSTANDING_R2T,
                "1",
                KeyRules.minimum(1, COUNT_MAX, NegotiationSettings::maxOutstandingReadyToTransfer));
        key(OperationalTextKey.ERROR_RECOVERY_LEVEL, "0", KeyRules.minimum(0, 2, ours -> 0));
        key(
                OperationalTextKey.DEFAULT_TIME_2_WAIT,
                "2",
                KeyRules.maximum(0, SECONDS_MAX, NegotiationSettings::timeToWaitSeconds));
        key(
                OperationalTextKey.DEFAULT_TIME_2_RETAIN,
                "20",
                KeyRules.minimum(0, SECONDS_MAX, NegotiationSettings::timeToRetainSeconds));
        key(OperationalTextKey.DATA_PDU_IN_ORDER, "Yes", KeyRules.or(ours -> true));
        key(OperationalTextKey.DATA_SEQUENCE_IN_ORDER, "Yes", KeyRules.or(ours -> true));
        key(OperationalTextKey.IF_MARKER, "No", KeyRules.constant(KeyRules.NO));
        key(OperationalTextKey.OF_MARKER, "No", KeyRules.constant(KeyRules.NO));
        key(OperationalTextKey.IF_MARK_INT, "", KeyRules.constant(KeyRules.REJECT));
        key(OperationalTextKey.OF_MARK_INT, "", KeyRules.constant(KeyRules.REJECT));
        key(OperationalTextKey.INITIATOR_ALIAS, "", KeyRules.declared());
        key(OperationalTextKey.SEND_TARGETS, "", KeyRules.constant(KeyRules.REJECT));
        key(OperationalTextKey.TARGET_PORTAL_GROUP_TAG, "", KeyRules.constant(KeyRules.REJECT));
        key(OperationalTextKey.TARGET_ALIAS, "", KeyRules.constant(KeyRules.REJECT));
        key(OperationalTextKey.TARGET_ADDRESS, "", KeyRules.constant(KeyRules.REJECT));
        // Newer than jSCSI's list: RFC 7143 sections 13.24 and 13.25.
        RULES.put("TaskReporting", KeyRules.firstKnown(List.of("RFC3720")));
        RULES.put("iSCSIProtocolLevel", KeyRules.minimum(0, 31, ours -> 1));
    }

    private KeyTable() {}

    /** Empty for a key that is not in the table: NotUnderstood. */
    static Optional<KeyRule> rule(String key) {
        return Optional.ofNullable(RULES.get(key));
    }

    /** What holds when nobody mentions the key. */
    static String defaultOf(OperationalTextKey key) {
        return DEFAULTS.getOrDefault(key.value(), "");
    }

    private static void key(OperationalTextKey key, String defaultValue, KeyRule rule) {
        RULES.put(key.value(), rule);
        DEFAULTS.put(key.value(), defaultValue);
    }
}
