package io.sluice.storage.inspection;

import io.sluice.storage.format.BlockGeometry;
import java.io.IOException;

/** A block of the volume cannot be read: named with its object and the reason. */
public final class DamagedBlocksException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient BlockDamage damage;

    DamagedBlocksException(BlockDamage damage, int logicalBlockBytes) {
        super(text(damage, logicalBlockBytes), damage.cause());
        this.damage = damage;
    }

    /** What is damaged first. */
    public BlockDamage damage() {
        return damage;
    }

    private static String text(BlockDamage damage, int logicalBlockBytes) {
        long perBlock = BlockGeometry.BLOCK_BYTES / logicalBlockBytes;
        long first = damage.firstBlock() * perBlock;
        return "LBA " + first + " to " + (damage.endBlock() * perBlock - 1) + " (byte "
                + (damage.firstBlock() << BlockGeometry.BLOCK_SHIFT) + " on) cannot be read: " + damage.object() + ": "
                + damage.reason();
    }
}
