package io.sluice.storage.cache;

import java.util.concurrent.locks.ReentrantLock;

/**
 * What reader, filler and scan share. {@code lock} guards {@code slots}, {@code pending} and {@code closed} and is held
 * for some hundred nanoseconds, never over disk I/O or the copy of a frame. {@code writing} is held by the one task that changes the file, over
 * its I/O, and is taken before {@code lock}.
 */
final class CacheCore {
    final ReentrantLock lock = new ReentrantLock();
    final ReentrantLock writing = new ReentrantLock();
    final SlotMap slots = new SlotMap();
    final PendingFrames pending = new PendingFrames();
    final SlotFile file;
    final SlotHeaderCodec codec;
    final RunCiphers ciphers;
    final CacheFaults faults;
    /** Set under both locks; whoever holds one of them and finds it unset may go on. */
    boolean closed;

    CacheCore(SlotFile file, SlotHeaderCodec codec, RunCiphers ciphers, CacheFaults faults) {
        this.file = file;
        this.codec = codec;
        this.ciphers = ciphers;
        this.faults = faults;
    }
}
