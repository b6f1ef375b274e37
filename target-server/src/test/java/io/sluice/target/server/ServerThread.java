package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.load.ConfigurationLoader;
import io.sluice.storage.runtime.SystemRuntime;
import io.sluice.target.cli.ServerFolder;
import io.sluice.target.server.reload.Reload;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A whole server on a thread of its own. */
final class ServerThread implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern READY = Pattern.compile("ready: iscsi://([0-9.]+):([0-9]+)/(\\S+)/([0-9]+)\n");

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    final AtomicInteger endedAtOnce = new AtomicInteger();
    final StopSwitch stop = new StopSwitch(endedAtOnce::incrementAndGet);
    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private final Thread thread;

    private ServerThread(ServerFolder folder) {
        thread = new Thread(() -> serve(folder), "server");
    }

    static ServerThread start(ServerFolder folder) {
        ServerThread server = new ServerThread(folder);
        server.thread.start();
        return server;
    }

    private void serve(ServerFolder folder) {
        try (SystemRuntime runtime = new SystemRuntime(2)) {
            Reload reload = new Reload(() -> new ConfigurationLoader().load(folder.configurationFile()));
            status.complete(new SluiceServer(folder.load(), reload, runtime, new PrintWriter(out), stop)
                    .run(new PrintWriter(err)));
        } catch (RuntimeException | Error failure) {
            status.completeExceptionally(failure);
        }
    }

    /** Waits for the first ready line; where it says that hosts can log in. */
    InetSocketAddress awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - deadline < 0) {
            Matcher ready = READY.matcher(out.toString());
            if (ready.find()) {
                return new InetSocketAddress(ready.group(1), Integer.parseInt(ready.group(2)));
            }
            assertFalse(status.isDone(), () -> "ended: " + out + err);
            Thread.sleep(10);
        }
        throw new AssertionError("not ready: " + out + err);
    }

    /** Waits for the end. */
    int awaitEnd() throws Exception {
        return status.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As the first signal does; the server must end with status 0. */
    void stopCleanly() throws Exception {
        stop.ask("the test");
        assertEquals(0, awaitEnd(), () -> "out: " + out + "\nerr: " + err);
        assertEquals(0, endedAtOnce.get());
    }

    @Override
    public void close() {
        if (!stop.isAsked()) {
            stop.ask("the end of the test");
        }
        CompletableFuture<Boolean> ended = status.handle((result, failure) -> failure == null);
        assertTrue(ended.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join());
    }
}
