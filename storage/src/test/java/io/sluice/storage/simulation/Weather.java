package io.sluice.storage.simulation;

import java.time.Duration;
import java.util.Random;

/**
 * How the way to the bucket is at the moment: shares (0-1) of requests, and delays.
 *
 * @param latencyMax of each way
 * @param slow share of requests with up to a hundred times that
 * @param throttled answered 503, nothing applied
 * @param refused answered 500 or not at all, nothing applied
 * @param reset applied, then the connection breaks
 * @param lost applied or not, and the answer never comes: told only after the time-out
 * @param late told as timed out, and applied up to a minute after that
 * @param shortRead the body, or the listing, is cut
 * @param outage nothing gets through
 * @param pageObjects most objects of a page of a listing
 */
record Weather(
        Duration latencyMax,
        double slow,
        double throttled,
        double refused,
        double reset,
        double lost,
        double late,
        double shortRead,
        boolean outage,
        int pageObjects) {
    private static final int PAGE_OBJECTS_MAX = 1000;

    /** Quick and without faults. */
    static Weather fine() {
        return new Weather(Duration.ofMillis(10), 0, 0, 0, 0, 0, 0, 0, false, PAGE_OBJECTS_MAX);
    }

    /** Something between fine and an outage. */
    static Weather drawn(Random random) {
        double share = new double[] {0.01, 0.03, 0.1, 0.3}[random.nextInt(4)];
        return new Weather(
                Duration.ofMillis(1 + random.nextInt(random.nextBoolean() ? 10 : 400)),
                random.nextInt(3) == 0 ? 0.1 : 0,
                some(random, share),
                some(random, share),
                some(random, share),
                some(random, share / 2),
                some(random, share / 2),
                some(random, share),
                random.nextInt(6) == 0,
                random.nextBoolean() ? PAGE_OBJECTS_MAX : 1 + random.nextInt(4));
    }

    /** Nothing gets through. */
    static Weather outage(Random random) {
        return new Weather(Duration.ofMillis(1 + random.nextInt(200)), 0, 0, 0, 0, 0, 0, 0, true, PAGE_OBJECTS_MAX);
    }

    private static double some(Random random, double share) {
        return random.nextBoolean() ? share : 0;
    }

    boolean isFine() {
        return !outage && throttled + refused + reset + lost + late + shortRead + slow == 0;
    }
}
