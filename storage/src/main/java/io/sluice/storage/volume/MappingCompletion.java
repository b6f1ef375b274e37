package io.sluice.storage.volume;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Told once which blocks are mapped; the same rules as for {@link IoCompletion}. */
@FunctionalInterface
public interface MappingCompletion {
    /** The runs, or why they cannot be told; then {@code runs} is empty. */
    void complete(List<MappedRun> runs, @Nullable IoFailure failure);
}
