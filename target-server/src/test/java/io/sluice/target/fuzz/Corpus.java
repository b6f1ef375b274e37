package io.sluice.target.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What real initiators sent, recorded: each file is the stream of one connection, login first, no digests. */
final class Corpus {
    private static final String FOLDER = "/fuzz/corpus/";

    private Corpus() {}

    /** All recorded streams as PDUs, in the order of the index. */
    static List<List<byte[]>> load() {
        List<List<byte[]>> streams = new ArrayList<>();
        for (String name : text("index.txt").lines().toList()) {
            streams.add(Wire.split(bytes(name)));
        }
        return streams;
    }

    private static String text(String name) {
        return new String(bytes(name), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(String name) {
        try (InputStream in = Corpus.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("no such recording: " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
