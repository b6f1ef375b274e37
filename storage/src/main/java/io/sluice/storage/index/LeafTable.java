package io.sluice.storage.index;

import java.io.File;
import java.io.IOException;
import java.util.function.LongConsumer;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The Chronicle Map of leaves. Entries have one size and never move; the caller's stripe lock guards each leaf, so that
 * in-place changes, which bypass the map's own lock and checksum, have one writer at a time.
 */
final class LeafTable implements AutoCloseable {
    /** What one entry takes, with Chronicle Map's own bookkeeping: measured, rounded up. */
    static final int ENTRY_BYTES = 560;

    /** Room for more entries than planned, should writers outrun the flusher: the map must never be full. */
    private static final double BLOAT_FACTOR_MAX = 8;

    static {
        // Chronicle announces itself on the console, and its analytics call home; the second is not on the class path.
        System.setProperty("chronicle.announcer.disable", "true");
        System.setProperty("chronicle.analytics.disable", "true");
        Jvm.setPerfExceptionHandler((type, message, thrown) -> {});
        Jvm.setDebugExceptionHandler((type, message, thrown) -> {});
    }

    private final ChronicleMap<LeafKey, LeafEntry> map;

    private LeafTable(ChronicleMap<LeafKey, LeafEntry> map) {
        this.map = map;
    }

    /** Opens {@code file} (created when absent), or memory without a file when it is null. */
    static LeafTable open(@Nullable File file, long entries) throws IOException {
        requireCompiler();
        ChronicleMapBuilder<LeafKey, LeafEntry> builder = ChronicleMapBuilder.of(LeafKey.class, LeafEntry.class)
                .name("sluice-index")
                .entries(entries)
                .maxBloatFactor(BLOAT_FACTOR_MAX)
                .checksumEntries(false)
                .putReturnsNull(true)
                .removeReturnsNull(true)
                .skipCloseOnExitHook(true);
        return new LeafTable(file == null ? builder.create() : builder.createPersistedTo(file));
    }

    /** Chronicle Map looks for the compiler before it knows that there is nothing to compile. */
    private static void requireCompiler() throws IOException {
        if (ModuleLayer.boot().findModule("jdk.compiler").isEmpty()) {
            throw new IOException("the block index needs a JDK, this Java (" + System.getProperty("java.home")
                    + ") is a runtime without the compiler: install a JDK and set JAVA_HOME to it");
        }
    }

    /** Aims {@code view} at the leaf of {@code key}; false when it is not resident. */
    boolean aim(LeafKey key, LeafEntry view) {
        return map.getUsing(key, view) != null;
    }

    /** Adds the leaf of {@code key} with the content of {@code template}. */
    void insert(LeafKey key, LeafEntry template) {
        map.put(key, template);
    }

    void remove(LeafKey key) {
        map.remove(key);
    }

    void forEachLeaf(LongConsumer consumer) {
        map.forEachEntry(entry -> consumer.accept(entry.key().get().get()));
    }

    long size() {
        return map.longSize();
    }

    @Override
    public void close() {
        map.close();
    }
}
