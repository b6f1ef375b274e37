package io.sluice.storage.scrub;

import java.util.OptionalLong;

/**
 * How to scrub.
 *
 * @param bytesPerSecond read at most so much, at least 1; empty for no bound
 * @param requestsAtOnce objects under way at the same time, at least 1; each takes memory for its whole length, up to 32 MiB
 * @param fromStart forget an interrupted run instead of going on with it
 */
public record ScrubOptions(OptionalLong bytesPerSecond, int requestsAtOnce, boolean fromStart) {
    /** In a server, beside hosts: 32 MiB/s, one object at a time. */
    public static final ScrubOptions ONLINE = new ScrubOptions(OptionalLong.of(32L << 20), 1, false);
    /** Without a server: as fast as it goes. */
    public static final ScrubOptions OFFLINE = new ScrubOptions(OptionalLong.empty(), 4, false);

    /** With another bound. */
    public ScrubOptions bandwidth(OptionalLong value) {
        return new ScrubOptions(value, requestsAtOnce, fromStart);
    }

    /** From the first object on, whatever an earlier run did. */
    public ScrubOptions anew() {
        return new ScrubOptions(bytesPerSecond, requestsAtOnce, true);
    }
}
