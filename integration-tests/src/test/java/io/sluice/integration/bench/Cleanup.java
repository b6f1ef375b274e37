package io.sluice.integration.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that has to be ended again, the newest first: at the end, and when the run is interrupted by a signal.
 * Thread-safe.
 */
final class Cleanup implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Cleanup.class);
    private static final int PATIENCE_SECONDS = 10;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Object closing = new Object();

    /** Also closes everything when the JVM is told to end. */
    static Cleanup withSignals() {
        Cleanup cleanup = new Cleanup();
        Runtime.getRuntime().addShutdownHook(new Thread(cleanup::closeAtTheEnd, "cleanup"));
        return cleanup;
    }

    private void closeAtTheEnd() {
        close();
        // Another thread may have started something meanwhile: whatever descends from this process is ours.
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    }

    /** To be closed when this is. */
    synchronized <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /** A process of ours, ended by its own identity. */
    Process add(Process process) {
        add((AutoCloseable) () -> end(process));
        return process;
    }

    /** Closes one now. */
    void close(AutoCloseable resource) {
        synchronized (this) {
            if (!open.remove(resource)) {
                return;
            }
        }
        closeOne(resource);
    }

    /** When two threads call it, each returns when everything is closed. */
    @Override
    public void close() {
        synchronized (closing) {
            closeAll();
        }
    }

    private void closeAll() {
        while (true) {
            AutoCloseable next;
            synchronized (this) {
                next = open.poll();
            }
            if (next == null) {
                return;
            }
            closeOne(next);
        }
    }

    /** SIGTERM, and SIGKILL when that does not help; what it has started and left behind goes with it. */
    static void end(Process process) throws InterruptedException {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroy();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        started.forEach(ProcessHandle::destroyForcibly);
    }

    private static void closeOne(AutoCloseable resource) {
        try {
            resource.close();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException failure) {
            log.warn("cannot clean up after {}", resource, failure);
        } catch (Exception failure) {
            log.error("cannot clean up after {}", resource, failure);
        }
    }
}
