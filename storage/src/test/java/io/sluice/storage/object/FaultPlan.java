package io.sluice.storage.object;

import java.time.Duration;

/**
 * How often each fault strikes, as a share (0-1) of the requests it can strike.
 *
 * @param throttled answered 503, nothing applied
 * @param lostRequest timed out, nothing applied
 * @param lostReply applied, but the answer never came: only for what changes something
 * @param shortRead the body was cut: only for reads
 * @param delayed applied later
 * @param delayMax longest delay
 */
public record FaultPlan(
        double throttled, double lostRequest, double lostReply, double shortRead, double delayed, Duration delayMax) {
    /** No faults. */
    public static FaultPlan none() {
        return new FaultPlan(0, 0, 0, 0, 0, Duration.ZERO);
    }

    /** Each fault with the same share. */
    public static FaultPlan each(double share, Duration delayMax) {
        return new FaultPlan(share, share, share, share, share, delayMax);
    }
}
