package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.runtime.Invariant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Keeps a write of part of a block (read, merge, append) apart from every other write of that block. Ordering rule: between
 * the read of the old block and the index update of the merged one, no other write of the block is applied; otherwise
 * the merge would bring back bytes that an acknowledged write has replaced.
 *
 * <p>Writes of whole blocks enter <em>shared</em> and never wait for one another; writes of parts enter
 * <em>exclusive</em>. The unit is a stripe: leaf number modulo {@link #STRIPES}. Stripes are taken in ascending order,
 * so nobody waits in a circle; who must wait goes on later on its own loop. Waiters are served in their order.
 *
 * <p>Invariants of a stripe: 1. {@code shared == 0} or not {@code exclusive}; 2. somebody waits only while the stripe
 * is taken.
 */
final class BlockGate {
    static final int STRIPES = 1024;

    private final Stripe[] stripes = new Stripe[STRIPES];

    BlockGate() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    private record Waiter(Pass pass, boolean exclusive) {}

    private static final class Stripe {
        private int shared;
        private boolean exclusive;
        private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(0);

        /** True when entered; else the pass waits and will be told. */
        synchronized boolean enter(Pass pass) {
            if (waiters.isEmpty() && admits(pass.exclusive)) {
                take(pass.exclusive);
                return true;
            }
            waiters.add(new Waiter(pass, pass.exclusive));
            return false;
        }

        private boolean admits(boolean wantsExclusive) {
            return wantsExclusive ? shared == 0 && !exclusive : !exclusive;
        }

        private void take(boolean asExclusive) {
            if (asExclusive) {
                exclusive = true;
            } else {
                shared++;
            }
        }

        /** True when {@code pass} was waiting and does so no more; {@code admitted} gets who may go on now. */
        synchronized boolean giveUp(Pass pass, List<Pass> admitted) {
            boolean waited = waiters.removeIf(waiter -> waiter.pass() == pass);
            if (waited) {
                admitted.addAll(admit());
            }
            return waited;
        }

        /** Leaves, and returns who may go on now: their entry is already counted. */
        synchronized List<Pass> leave(boolean wasExclusive) {
            if (wasExclusive) {
                Invariant.check(exclusive && shared == 0, "a stripe was left that was not entered");
                exclusive = false;
            } else {
                shared--;
                Invariant.check(shared >= 0 && !exclusive, "a stripe was left that was not entered");
            }
            return admit();
        }

        private List<Pass> admit() {
            if (waiters.isEmpty()) {
                return List.of();
            }
            List<Pass> admitted = new ArrayList<>();
            while (!waiters.isEmpty() && admits(waiters.peek().exclusive())) {
                Waiter waiter = waiters.remove();
                take(waiter.exclusive());
                admitted.add(waiter.pass());
            }
            return admitted;
        }
    }

    /** One operation's way through the stripes of its range. Used by one operation at a time; may be used again. */
    abstract static class Pass {
        private boolean exclusive;
        private int firstStripe;
        private int stripeCount;
        private int entered;

        /** Where {@link #admitted} runs when the pass had to wait. */
        abstract Executor loop();

        /** All stripes are entered; only called when {@link BlockGate#enter} had returned false. */
        abstract void admitted();
    }

    /**
     * Takes all stripes of blocks {@code lba} to {@code lba + count - 1}. True when nothing was in the way; else {@link
     * Pass#admitted} follows on the pass's loop.
     */
    boolean enter(Pass pass, long lba, long count, boolean exclusive) {
        long firstLeaf = BlockGeometry.leafOf(lba);
        long leaves = BlockGeometry.leafOf(lba + count - 1) - firstLeaf + 1;
        pass.exclusive = exclusive;
        pass.stripeCount = (int) Math.min(leaves, STRIPES);
        pass.firstStripe = pass.stripeCount == STRIPES ? 0 : (int) (firstLeaf % STRIPES);
        pass.entered = 0;
        return advance(pass);
    }

    private boolean advance(Pass pass) {
        while (pass.entered < pass.stripeCount) {
            Stripe stripe = stripes[stripeAt(pass, pass.entered)];
            pass.entered++;
            if (!stripe.enter(pass)) {
                return false;
            }
        }
        return true;
    }

    /** The i-th stripe of the pass in ascending order of stripe numbers (a range may wrap around the end). */
    private static int stripeAt(Pass pass, int i) {
        int beyondEnd = pass.firstStripe + pass.stripeCount - STRIPES;
        if (beyondEnd <= 0) {
            return pass.firstStripe + i;
        }
        return i < beyondEnd ? i : pass.firstStripe + i - beyondEnd;
    }

    /**
     * Takes a pass back that waits; on its loop. True: it is out, holds nothing, and {@link Pass#admitted} does not follow.
     * False: it does not wait any more, and {@code admitted} follows or has run.
     */
    boolean giveUp(Pass pass) {
        if (pass.entered == 0) {
            return false;
        }
        List<Pass> admitted = new ArrayList<>();
        if (!stripes[stripeAt(pass, pass.entered - 1)].giveUp(pass, admitted)) {
            return false;
        }
        admitted.forEach(this::sendOn);
        leaveFirst(pass, pass.entered - 1);
        return true;
    }

    /** Gives back what {@link #enter} took, after {@code admitted} or a true return. */
    void leave(Pass pass) {
        Invariant.check(pass.entered == pass.stripeCount, "left before entered", pass.entered, pass.stripeCount);
        leaveFirst(pass, pass.stripeCount);
    }

    private void leaveFirst(Pass pass, int count) {
        for (int i = 0; i < count; i++) {
            List<Pass> admitted = stripes[stripeAt(pass, i)].leave(pass.exclusive);
            for (int j = 0; j < admitted.size(); j++) {
                sendOn(admitted.get(j));
            }
        }
        pass.stripeCount = 0;
        pass.entered = 0;
    }

    private void sendOn(Pass admitted) {
        admitted.loop().execute(() -> goOn(admitted));
    }

    private void goOn(Pass pass) {
        if (advance(pass)) {
            pass.admitted();
        }
    }
}
