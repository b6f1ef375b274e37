package io.sluice.storage.inspection;

import io.sluice.storage.format.Failures;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a view: sections in order of blocks, two of them under way, so that the store is asked for the next one
 * while the target takes the one before.
 *
 * <p>Invariants: 1. sections are opened and ended in order of blocks; 2. parts that read as zeros are skipped between the
 * end of the section before and the end of the one behind them; 3. nothing more is done once the result is there.
 *
 * <p>Confined to the view's lane.
 */
final class RestorePass {
    private static final int SECTIONS_MAX = 2;

    private final BucketVolume view;
    private final RestoreOptions options;
    private final RestoreTarget target;
    private final RestoreProgress progress;
    private final ImageRestore.Tally tally;
    private final List<BlockDamage> damaged;
    private final MappingReader mapping;
    private final FrameReader frames;
    private final Deque<SectionRestore> open = new ArrayDeque<>();
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private long nextBlock;
    private long endedBlock;
    private boolean mappingAsked;
    private boolean confirming;

    RestorePass(
            BucketVolume view,
            RestoreOptions options,
            RestoreTarget target,
            RestoreProgress progress,
            ImageRestore.Tally tally,
            List<BlockDamage> damaged) {
        this.view = view;
        this.options = options;
        this.target = target;
        this.progress = progress;
        this.tally = tally;
        this.damaged = damaged;
        this.mapping = new MappingReader(view);
        this.frames = new FrameReader(view, options.requests(), options.cacheBytes());
    }

    CompletableFuture<Void> run() {
        step(() -> {
            target.begin(view.manifest().volume(), view.blocks());
            goOn();
        });
        return result.whenComplete((done, failure) -> {
            tally.bytesRead += frames.bytes();
            tally.requests += frames.requests();
        });
    }

    /** What may throw. */
    private interface Work {
        void run() throws IOException;
    }

    private void step(Work work) {
        if (result.isDone()) {
            return;
        }
        try {
            work.run();
        } catch (IOException | RuntimeException failure) {
            result.completeExceptionally(failure);
        }
    }

    private <T> void then(CompletableFuture<T> future, NextStep<T> next) {
        io.sluice.storage.runtime.Futures.then(future, view.lane(), (value, failure) -> {
            if (failure != null) {
                result.completeExceptionally(Failures.unwrap(failure));
            } else {
                step(() -> next.run(value));
            }
        });
    }

    private interface NextStep<T> {
        void run(@Nullable T value) throws IOException;
    }

    private void goOn() throws IOException {
        endWhatIsRead();
        if (open.isEmpty() && nextBlock >= view.blocks() && !mappingAsked && !confirming) {
            skipTo(view.blocks());
            target.finish();
            result.complete(null);
        } else if (!mappingAsked && open.size() < SECTIONS_MAX && nextBlock < view.blocks()) {
            mappingAsked = true;
            then(mapping.read(nextBlock, target.sectionBlocks()), this::begin);
        }
    }

    private void begin(@Nullable MappedSection section) throws IOException {
        mappingAsked = false;
        if (section == null) {
            throw new IllegalStateException("no section");
        }
        nextBlock = section.endBlock();
        if (section.locators().length > 0) {
            SectionRestore restore =
                    new SectionRestore(view, section, target.section(section.firstBlock(), section.locators().length));
            open.add(restore);
            then(restore.fill(frames), done -> goOn());
        }
        goOn();
    }

    private void endWhatIsRead() throws IOException {
        while (!confirming && !open.isEmpty() && open.element().isFilled()) {
            SectionRestore first = open.element();
            if (first.damaged().isEmpty()) {
                open.remove();
                end(first);
            } else {
                confirming = true;
                then(view.isSuperseded(), superseded -> confirmed(Boolean.TRUE.equals(superseded)));
            }
        }
    }

    /** What cannot be read is damaged only when no gateway can have removed it as no longer needed. */
    private void confirmed(boolean superseded) throws IOException {
        confirming = false;
        SectionRestore first = open.remove();
        if (superseded) {
            throw new SupersededViewException("a gateway has gone on with volume \""
                    + view.names().volumeName() + "\" and removed objects of the state of sequence " + view.sequence()
                    + " while it was read; restore into a file, which is brought up to the newest state, or stop the"
                    + " gateway first");
        }
        if (!options.skipDamaged()) {
            throw new DamagedBlocksException(
                    first.damaged().get(0), view.manifest().logicalBlockBytes());
        }
        first.zeroDamaged();
        damaged.addAll(first.damaged());
        end(first);
        goOn();
    }

    private void end(SectionRestore section) throws IOException {
        skipTo(section.firstBlock());
        section.end();
        endedBlock = section.endBlock();
        tally.bytesWritten += section.bytesWritten();
        tally.bytesThere += section.bytesThere();
        progress.at(endedBlock, view.blocks(), tally.bytesWritten);
    }

    private void skipTo(long block) throws IOException {
        if (block > endedBlock) {
            target.skip(endedBlock, block - endedBlock);
            endedBlock = block;
        }
    }
}
