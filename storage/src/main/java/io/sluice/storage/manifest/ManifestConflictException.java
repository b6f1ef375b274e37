package io.sluice.storage.manifest;

import java.io.IOException;

/** Another gateway created a manifest first: what this one believed about the volume is out of date. */
public final class ManifestConflictException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Manifest winner;

    /** {@code winner} stands in the bucket where number {@code wanted} was to be created, or behind it. */
    public ManifestConflictException(long wanted, Manifest winner) {
        super("manifest " + wanted + " of volume " + winner.name() + " cannot be created: gateway " + winner.owner()
                + " has written manifest " + winner.number() + " in epoch " + winner.epoch());
        this.winner = winner;
    }

    /** The manifest that stands in the way; its seal is not verified. */
    public Manifest winner() {
        return winner;
    }
}
