package io.sluice.target.net;

/** Memory that goes back to where it came from. Confined to its loop. */
@FunctionalInterface
public interface Releasable {
    /** Gives it back; exactly once per owner. */
    void release();
}
