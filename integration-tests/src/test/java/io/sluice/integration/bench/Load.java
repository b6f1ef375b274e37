package io.sluice.integration.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What a load generator does, without how long.
 *
 * @param pattern in fio's words: randread, randwrite, read, write, randrw
 * @param blockSizes in fio's words: "4k", or a mixture "4k/60:64k/40"
 * @param depth commands under way in each session, 1 to 128
 * @param sessions each with a connection of its own
 * @param readPercent of a mixture (randrw); ignored otherwise
 * @param flushes every write is followed by SYNCHRONIZE CACHE
 */
record Load(String pattern, String blockSizes, int depth, int sessions, int readPercent, boolean flushes) {
    private static final int ALL = 100;

    static Load of(String pattern, String blockSizes, int depth) {
        return new Load(pattern, blockSizes, depth, 1, ALL, false);
    }

    Load sessions(int count) {
        return new Load(pattern, blockSizes, depth, count, readPercent, flushes);
    }

    Load readPercent(int percent) {
        return new Load(pattern, blockSizes, depth, sessions, percent, flushes);
    }

    Load withFlushes() {
        return new Load(pattern, blockSizes, depth, sessions, readPercent, true);
    }

    boolean writes() {
        return pattern.contains("write") || pattern.equals("randrw");
    }

    List<String> fioLines() {
        List<String> lines = new ArrayList<>(List.of("rw=" + pattern, "iodepth=" + depth));
        lines.add((blockSizes.contains("/") ? "bssplit=" : "bs=") + blockSizes);
        if (pattern.equals("randrw")) {
            lines.add("rwmixread=" + readPercent);
        }
        if (flushes) {
            lines.add("fsync=1");
        }
        return lines;
    }
}
