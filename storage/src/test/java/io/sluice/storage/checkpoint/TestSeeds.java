package io.sluice.storage.checkpoint;

import java.util.Arrays;
import java.util.stream.LongStream;

/** Seeds of the model tests; more with {@code -Dsluice.seeds=from-to}. */
final class TestSeeds {
    private TestSeeds() {}

    static LongStream orAsked(long first, long last) {
        String asked = System.getProperty("sluice.seeds");
        if (asked == null) {
            return LongStream.rangeClosed(first, last);
        }
        long[] range =
                Arrays.stream(asked.split("-", 2)).mapToLong(Long::parseLong).toArray();
        return LongStream.rangeClosed(range[0], range[range.length - 1]);
    }
}
