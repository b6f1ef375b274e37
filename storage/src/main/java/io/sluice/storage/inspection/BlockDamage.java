package io.sluice.storage.inspection;

/**
 * Blocks that cannot be read.
 *
 * @param firstBlock the first of them, in units of 4 KiB
 * @param count how many
 * @param object the object that is damaged or missing
 * @param reason what is wrong with it
 * @param cause the failure itself
 */
public record BlockDamage(long firstBlock, long count, String object, String reason, Throwable cause) {
    /** The block behind the last one. */
    public long endBlock() {
        return firstBlock + count;
    }

    /** Whether {@code next} says the same of the blocks right behind these. */
    boolean isContinuedBy(BlockDamage next) {
        return next.firstBlock == endBlock() && next.object.equals(object) && next.reason.equals(reason);
    }

    /** This with {@code next}, by which it is continued. */
    BlockDamage with(BlockDamage next) {
        return new BlockDamage(firstBlock, count + next.count, object, reason, cause);
    }
}
