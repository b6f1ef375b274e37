package io.sluice.storage.object;

import java.time.Duration;

/**
 * How long a request is tried.
 *
 * @param retries attempts after the first, at least 0
 * @param totalTimeout all attempts and pauses together
 * @param pauseBase longest pause before the first retry; doubles with each further one
 * @param pauseMax bound of that doubling
 * @param awaitedPauseMax bound of that doubling for what a host waits for: a store that is back is noticed at once
 * @param throttledPauseBase the same after {@code THROTTLED}: the server asked for a slower pace
 * @param throttledPauseMax bound of that doubling
 */
public record RetrySchedule(
        int retries,
        Duration totalTimeout,
        Duration pauseBase,
        Duration pauseMax,
        Duration awaitedPauseMax,
        Duration throttledPauseBase,
        Duration throttledPauseMax) {
    /** Rejects what makes no sense. */
    public RetrySchedule {
        boolean sane = retries >= 0
                && totalTimeout.compareTo(Duration.ZERO) > 0
                && pauseBase.compareTo(Duration.ZERO) > 0
                && pauseMax.compareTo(pauseBase) >= 0
                && awaitedPauseMax.compareTo(pauseBase) >= 0
                && throttledPauseBase.compareTo(Duration.ZERO) > 0
                && throttledPauseMax.compareTo(throttledPauseBase) >= 0;
        if (!sane) {
            throw new IllegalArgumentException("retry schedule: counts from 0, times above 0, maxima not below bases");
        }
    }

    /** The pauses that suit S3 and its relatives. */
    public static RetrySchedule of(int retries, Duration totalTimeout) {
        return new RetrySchedule(
                retries,
                totalTimeout,
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30));
    }

    /** Bound of the pause after attempt number {@code attempt} (from 1) failed; the real one is drawn from 0 to it. */
    public long pauseBoundNanos(int attempt, boolean throttled, RequestCause cause) {
        long base = (throttled ? throttledPauseBase : pauseBase).toNanos();
        long bound = pauseMax(throttled, cause).toNanos();
        int doublings = Math.min(attempt - 1, 62);
        return base > (bound >> doublings) ? bound : Math.min(bound, base << doublings);
    }

    private Duration pauseMax(boolean throttled, RequestCause cause) {
        if (throttled) {
            return throttledPauseMax;
        }
        return cause.isAwaited() ? awaitedPauseMax : pauseMax;
    }
}
