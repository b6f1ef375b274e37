package io.sluice.storage.object.file;

import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.SeededEntropy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Another process that puts objects, each of one letter only, over one another until it is killed. */
final class KilledWriter {
    static final int BODY_BYTES = 1 << 20;

    private KilledWriter() {}

    static byte[] body(byte letter) {
        byte[] body = new byte[BODY_BYTES];
        Arrays.fill(body, letter);
        return body;
    }

    /** Returns when the first object was put. */
    static Process start(Path directory) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        directory.toString())
                .redirectOutput(ProcessBuilder.Redirect.PIPE)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.getInputStream().read() != '.') {
            process.destroyForcibly();
            throw new IOException("the writer did not write");
        }
        return process;
    }

    /** Writes into the directory named by the first argument; at most for a million rounds. */
    public static void main(String[] arguments) throws Exception {
        try (FileObjectStore store =
                new FileObjectStore(Path.of(arguments[0]), new SeededEntropy(System.nanoTime()), Runnable::run)) {
            for (int i = 0; i < 1_000_000; i++) {
                ByteBuffer body = ByteBuffer.wrap(body((byte) ('a' + i % 26)));
                store.put("over/" + i % 3, body, PutCondition.ALWAYS, RequestCause.FLUSH)
                        .join();
                String fresh = "fresh/" + ProcessHandle.current().pid() + "/" + i % 100;
                store.delete(List.of(fresh), RequestCause.GC).join();
                store.put(fresh, body, PutCondition.IF_ABSENT, RequestCause.FLUSH)
                        .join();
                System.out.write('.');
                System.out.flush();
            }
        }
    }
}
