package io.sluice.storage.object.file;

import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreContract;
import io.sluice.storage.object.SeededEntropy;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A directory keeps every promise, with requests side by side on four threads. */
final class FileObjectStoreContractTest extends ObjectStoreContract {
    private final ExecutorService threads = Executors.newFixedThreadPool(4);

    @TempDir
    Path directory = Path.of("");

    @Override
    protected ObjectStore openEmptyStore() throws Exception {
        return new FileObjectStore(directory, new SeededEntropy(new Random().nextLong()), threads);
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }
}
