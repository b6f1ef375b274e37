package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.DiskHistory.Write;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The judge of the crash tests sees what it is there to see. */
final class DiskHistoryTest {
    private static final int BLOCKS = 8;

    private final DiskHistory history = new DiskHistory("disk", BLOCKS);
    private final byte[] disk = new byte[BLOCKS * ScsiHost.BLOCK_BYTES];

    private Write answered(int block, int blocks) {
        Write write = history.sending(block, blocks);
        history.answered(write);
        return write;
    }

    private void store(Write write) {
        byte[] bytes = DiskHistory.bytes(write);
        System.arraycopy(bytes, 0, disk, write.block() * ScsiHost.BLOCK_BYTES, bytes.length);
    }

    private void refuses(boolean localDiskIsKept, String reason) {
        AssertionError refusal =
                assertThrows(AssertionError.class, () -> history.recovered(disk.clone(), localDiskIsKept));
        assertTrue(String.valueOf(refusal.getMessage()).contains(reason), refusal.getMessage());
    }

    @Test
    void acceptsADiskThatHoldsEverything() {
        store(answered(0, 4));
        store(answered(2, 4));
        assertEquals(0, history.recovered(disk, true));
    }

    @Test
    void refusesTheLossOfAnAnsweredWrite() {
        store(answered(0, 1));
        answered(1, 1);
        refuses(true, "is gone");
    }

    @Test
    void refusesTheLossOfOneBlockOfAnAnsweredWrite() {
        Write write = answered(0, 2);
        store(write);
        Arrays.fill(disk, ScsiHost.BLOCK_BYTES, 2 * ScsiHost.BLOCK_BYTES, (byte) 0);
        refuses(true, "is gone");
    }

    @Test
    void acceptsBothFatesOfAWriteThatWasNotAnswered() {
        store(history.sending(0, 2));
        Write missing = history.sending(4, 2);
        history.disconnected();
        assertEquals(0, history.recovered(disk, true));
        store(missing);
        refuses(true, "lost before");
    }

    @Test
    void acceptsAWriteThatWasNotAnsweredInSomeOfItsBlocks() {
        Write write = history.sending(0, 2);
        history.disconnected();
        System.arraycopy(DiskHistory.bytes(write), 0, disk, 0, ScsiHost.BLOCK_BYTES);
        assertEquals(0, history.recovered(disk, true));
        assertEquals(0, history.recovered(disk, true));
    }

    @Test
    void acceptsTheLossOfTheNewestWithTheLocalDisk() {
        store(answered(0, 1));
        answered(0, 1);
        answered(5, 1);
        assertEquals(2, history.recovered(disk, false));
    }

    @Test
    void refusesAMixtureOfOldAndNew() {
        answered(0, 1);
        store(answered(5, 1));
        refuses(false, "no prefix");
    }

    @Test
    void refusesTheLossOfWhatWasFlushedToTheBucket() {
        answered(0, 1);
        history.safe(history.now());
        answered(1, 1);
        refuses(false, "is gone");
    }

    @Test
    void refusesTornAndMisplacedBlocks() {
        Write write = answered(0, 1);
        store(write);
        disk[3000] ^= 1;
        refuses(true, "torn");
        System.arraycopy(DiskHistory.bytes(write), 0, disk, 0, ScsiHost.BLOCK_BYTES);
        System.arraycopy(disk, 0, disk, ScsiHost.BLOCK_BYTES, ScsiHost.BLOCK_BYTES);
        refuses(true, "torn or mixed up");
    }

    @Test
    void refusesAReadOfAnOlderVersion() {
        Write old = answered(3, 1);
        answered(3, 1);
        history.reading(3, 1);
        assertFalse(history.isFree(2, 2));
        AssertionError refusal = assertThrows(AssertionError.class, () -> history.read(3, DiskHistory.bytes(old)));
        assertTrue(String.valueOf(refusal.getMessage()).contains("instead of"), refusal.getMessage());
    }

    private Write unmapped(int block, int blocks) {
        Write unmap = history.unmapping(block, blocks);
        history.answered(unmap);
        return unmap;
    }

    @Test
    void seesTheLossOfAnUnmap() {
        Write write = answered(0, 2);
        unmapped(0, 2);
        store(write);
        refuses(true, "is gone");
        Arrays.fill(disk, (byte) 0);
        assertEquals(0, history.recovered(disk, true));
    }

    @Test
    void takesZerosForWhicheverVersionFits() {
        store(answered(5, 1));
        answered(0, 1);
        unmapped(0, 1);
        store(answered(6, 1));
        assertEquals(0, history.recovered(disk, false));
    }

    @Test
    void doesNotCountAnUnmapOfZerosThatWasNeverAnswered() {
        store(answered(5, 1));
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() <= now + 1) {
            Thread.onSpinWait();
        }
        history.unmapping(0, 1);
        history.disconnected();
        assertEquals(0, history.recovered(disk, true));
        Moments any = Moments.between(0, Moments.NEVER);
        assertEquals(0, history.recovered(disk, false, new BucketClaim("it is", any, now)));
    }

    @Test
    void refusesZerosOfNoVersionThatFits() {
        unmapped(0, 1);
        answered(0, 1);
        store(answered(5, 1));
        refuses(false, "no prefix");
    }

    @Test
    void refusesTheLossOfAWriteThatWasAnsweredWithForceUnitAccess() {
        history.safe(answered(1, 1));
        refuses(false, "answered with FUA");
        store(answered(1, 1));
        assertEquals(0, history.recovered(disk, false));
    }

    @Test
    void refusesAClaimThatDoesNotFitTheDisk() {
        SequenceLog sequences = new SequenceLog();
        store(answered(0, 1));
        sequences.add(history.now(), 100, history.now());
        answered(1, 1);
        sequences.add(history.now(), 200, history.now());
        answered(2, 1);
        sequences.add(history.now(), 300, history.now());
        refusesClaim(new BucketClaim("too much", sequences.momentsOf(200), 0), "the server says: too much");
        refusesClaim(new BucketClaim("all", sequences.momentsOf(300), 0), "the server says: all");
        assertEquals(2, history.recovered(disk, false, new BucketClaim("it is", sequences.momentsOf(100), 0)));
    }

    @Test
    void refusesAClaimOfTooLittle() {
        SequenceLog sequences = new SequenceLog();
        sequences.add(history.now(), 100, history.now());
        store(answered(0, 1));
        sequences.add(history.now(), 200, history.now());
        refusesClaim(new BucketClaim("nothing", sequences.momentsOf(100), 0), "the server says: nothing");
        assertEquals(0, history.recovered(disk, false, new BucketClaim("it is", sequences.momentsOf(200), 0)));
    }

    /** The clock goes on with answers to what was sent before, and with what has not taken effect. */
    @Test
    void aClaimHoldsUntilSomethingSentBehindItIsAnswered() {
        SequenceLog sequences = new SequenceLog();
        DiskHistory.Write first = history.sending(0, 1);
        sequences.add(history.now(), 100, history.now());
        history.sending(1, 1);
        history.answered(first);
        store(first);
        history.safe(history.now());
        assertEquals(0, history.recovered(disk, false, new BucketClaim("it is", sequences.momentsOf(100), 0)));
    }

    @Test
    void refusesAWrongTime() {
        long before = System.currentTimeMillis() - 1;
        store(answered(0, 1));
        answered(1, 1);
        long after = System.currentTimeMillis() + 1;
        Moments any = Moments.between(0, Moments.NEVER);
        refusesClaim(new BucketClaim("too old", any, before), "the newest write is of " + before);
        refusesClaim(new BucketClaim("too new", any, after), "is gone");
    }

    private void refusesClaim(BucketClaim claim, String reason) {
        AssertionError refusal =
                assertThrows(AssertionError.class, () -> history.recovered(disk.clone(), false, claim));
        assertTrue(String.valueOf(refusal.getMessage()).contains(reason), refusal.getMessage());
    }

    @Test
    void aNumberThatIsToldTwiceHoldsForAllTheTimeBetween() {
        SequenceLog sequences = new SequenceLog();
        sequences.add(1, 50, 2);
        sequences.add(5, 100, 6);
        sequences.add(9, 100, 10);
        sequences.add(20, 200, 21);
        assertEquals(Moments.between(6, 10).toString(), sequences.momentsOf(100).toString());
    }
}
