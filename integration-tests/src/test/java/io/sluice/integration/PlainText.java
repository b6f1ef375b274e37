package io.sluice.integration;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks for many pieces of text at once in files of any size. */
final class PlainText {
    /** Length of a piece; it occurs nowhere by chance. */
    static final int SNIPPET_BYTES = 48;

    private static final int FILE_SYSTEM_BLOCK_BYTES = 4096;
    private static final int DISTINCT_BYTES_MIN = 16;
    private static final int KEY_BYTES = 8;
    private static final int FILTER_BITS = 20;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Map<Long, List<byte[]>> byKey = new HashMap<>();
    private final boolean[] filter = new boolean[1 << FILTER_BITS];

    /** Looks for these, each of {@link #SNIPPET_BYTES}. */
    PlainText(List<byte[]> snippets) {
        for (byte[] snippet : snippets) {
            long key = 0;
            for (int i = 0; i < KEY_BYTES; i++) {
                key = (key << 8) | (snippet[i] & 0xff);
            }
            byKey.computeIfAbsent(key, any -> new ArrayList<>()).add(snippet);
            filter[slot(key)] = true;
        }
    }

    /** A piece out of the middle of the first block of a file, when that is text with some variety. */
    static Optional<byte[]> snippetOf(Path file) throws IOException {
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(FILE_SYSTEM_BLOCK_BYTES);
        }
        if (start.length < 2 * SNIPPET_BYTES) {
            return Optional.empty();
        }
        int from = start.length / 2;
        byte[] snippet = Arrays.copyOfRange(start, from, from + SNIPPET_BYTES);
        Set<Byte> distinct = new HashSet<>();
        for (byte one : snippet) {
            if (one < ' ' && one != '\n' && one != '\t') {
                return Optional.empty();
            }
            distinct.add(one);
        }
        return distinct.size() < DISTINCT_BYTES_MIN ? Optional.empty() : Optional.of(snippet);
    }

    /** The different pieces that stand in a file or in any file below a directory. */
    Set<String> findBelow(Path top) throws IOException {
        Set<String> found = new HashSet<>();
        for (Path file : Trees.files(top)) {
            findIn(file, found);
        }
        return found;
    }

    private void findIn(Path file, Set<String> found) throws IOException {
        // The end of a chunk is looked at again as the beginning of the next one.
        byte[] chunk = new byte[CHUNK_BYTES + SNIPPET_BYTES];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), CHUNK_BYTES)) {
            int kept = 0;
            while (true) {
                int read = in.readNBytes(chunk, kept, CHUNK_BYTES);
                int end = kept + read;
                findInChunk(chunk, end, found);
                if (read < CHUNK_BYTES) {
                    return;
                }
                kept = SNIPPET_BYTES - 1;
                System.arraycopy(chunk, end - kept, chunk, 0, kept);
            }
        }
    }

    private void findInChunk(byte[] chunk, int end, Set<String> found) {
        long key = 0;
        for (int i = 0; i < end; i++) {
            key = (key << 8) | (chunk[i] & 0xff);
            if (!filter[slot(key)]) {
                continue;
            }
            int start = i - KEY_BYTES + 1;
            for (byte[] snippet : byKey.getOrDefault(key, List.of())) {
                if (start >= 0
                        && start + SNIPPET_BYTES <= end
                        && Arrays.equals(chunk, start, start + SNIPPET_BYTES, snippet, 0, SNIPPET_BYTES)) {
                    found.add(new String(snippet, StandardCharsets.ISO_8859_1));
                }
            }
        }
    }

    private static int slot(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - FILTER_BITS));
    }
}
