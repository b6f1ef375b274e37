package io.sluice.target.iscsi.login;

/**
 * Our side of the negotiation of RFC 7143 section 13. The names are those of the keys, with units.
 *
 * @param maxRecvDataSegmentBytes the longest data segment we take (MaxRecvDataSegmentLength)
 * @param maxBurstBytes bound on one sequence of data (MaxBurstLength)
 * @param firstBurstBytes bound on unsolicited data (FirstBurstLength)
 * @param initialReadyToTransfer true forbids unsolicited Data-Out (InitialR2T)
 * @param immediateData whether commands may carry data (ImmediateData)
 * @param maxOutstandingReadyToTransfer bound on R2Ts in flight per task (MaxOutstandingR2T)
 * @param headerDigest policy for HeaderDigest
 * @param dataDigest policy for DataDigest
 * @param timeToWaitSeconds at least (DefaultTime2Wait)
 * @param timeToRetainSeconds at most (DefaultTime2Retain)
 */
public record NegotiationSettings(
        int maxRecvDataSegmentBytes,
        int maxBurstBytes,
        int firstBurstBytes,
        boolean initialReadyToTransfer,
        boolean immediateData,
        int maxOutstandingReadyToTransfer,
        DigestPolicy headerDigest,
        DigestPolicy dataDigest,
        int timeToWaitSeconds,
        int timeToRetainSeconds) {
    private static final int LENGTH_BYTES_MIN = 512;
    private static final int LENGTH_BYTES_MAX = 16_777_215;

    /** Checks the ranges of RFC 7143. */
    public NegotiationSettings {
        checkRange("maxRecvDataSegmentBytes", maxRecvDataSegmentBytes, LENGTH_BYTES_MIN, LENGTH_BYTES_MAX);
        checkRange("maxBurstBytes", maxBurstBytes, LENGTH_BYTES_MIN, LENGTH_BYTES_MAX);
        checkRange("firstBurstBytes", firstBurstBytes, LENGTH_BYTES_MIN, maxBurstBytes);
        checkRange("maxOutstandingReadyToTransfer", maxOutstandingReadyToTransfer, 1, 64);
        checkRange("timeToWaitSeconds", timeToWaitSeconds, 0, 3600);
        checkRange("timeToRetainSeconds", timeToRetainSeconds, 0, 3600);
    }

    /** What Sluice uses unless told otherwise. */
    public static NegotiationSettings standard() {
        return new NegotiationSettings(
                256 << 10, 16_776_192, 256 << 10, false, true, 8, DigestPolicy.ALLOWED, DigestPolicy.ALLOWED, 2, 20);
    }

    /** The same with other digests. */
    NegotiationSettings with(Admission.Digests digests) {
        return new NegotiationSettings(
                maxRecvDataSegmentBytes,
                maxBurstBytes,
                firstBurstBytes,
                initialReadyToTransfer,
                immediateData,
                maxOutstandingReadyToTransfer,
                digests.header(),
                digests.data(),
                timeToWaitSeconds,
                timeToRetainSeconds);
    }

    private static void checkRange(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be " + min + "-" + max + ", not " + value);
        }
    }
}
