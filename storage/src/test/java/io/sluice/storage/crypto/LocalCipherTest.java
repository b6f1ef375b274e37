package io.sluice.storage.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.sluice.storage.runtime.Invariant;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

final class LocalCipherTest {
    private static final byte[] KEY = new byte[32];

    static {
        new Random(1).nextBytes(KEY);
    }

    private final LocalCipher cipher = new AesCtrLocalCipher(KEY, CounterLayout.RUNNING);

    /** The key stream from its definition: AES of the counter blocks, nothing shared with the code under test. */
    private static byte[] keyStream(BigInteger counter, int count) throws GeneralSecurityException {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(KEY, "AES"));
        byte[] counters = new byte[count];
        for (int at = 0; at < count; at += 16) {
            byte[] value = counter.add(BigInteger.valueOf(at / 16)).toByteArray();
            int length = Math.min(16, value.length);
            System.arraycopy(value, value.length - length, counters, at + 16 - length, length);
        }
        return aes.doFinal(counters);
    }

    private static byte[] keyStream(long nonce, int count) throws GeneralSecurityException {
        return keyStream(BigInteger.valueOf(nonce).shiftLeft(8), count);
    }

    private byte[] apply(long nonce, int offset, byte[] bytes) {
        return apply(cipher, nonce, offset, bytes);
    }

    private static byte[] apply(LocalCipher cipher, long nonce, int offset, byte[] bytes) {
        ByteBuffer out = ByteBuffer.allocate(bytes.length);
        cipher.apply(nonce, offset, ByteBuffer.wrap(bytes), out);
        return out.array();
    }

    @Test
    void theCounterRunsOnFromBlockToBlock() throws GeneralSecurityException {
        for (long nonce : new long[] {0, 1, 0x0123_4567_89ab_cdefL, Long.MAX_VALUE}) {
            assertArrayEquals(keyStream(nonce, 4096), apply(nonce, 0, new byte[4096]));
        }
        byte[] run = apply(41, 0, new byte[3 * 4096]);
        for (int block = 0; block < 3; block++) {
            assertArrayEquals(
                    apply(41 + block, 0, new byte[4096]),
                    Arrays.copyOfRange(run, block * 4096, (block + 1) * 4096),
                    "block " + block);
        }
    }

    @Test
    void theCounterOfOlderFilesIsTheNonceAndThePlaceInTheBlock() throws GeneralSecurityException {
        LocalCipher older = new AesCtrLocalCipher(KEY, CounterLayout.APART);
        assertFalse(older.runsOn());
        assertThrows(Invariant.Broken.class, () -> apply(older, 1, 0, new byte[4112]));
        for (long nonce : new long[] {0, 1, 0x0123_4567_89ab_cdefL}) {
            byte[] expected = keyStream(BigInteger.valueOf(nonce).shiftLeft(64), 4096);
            assertArrayEquals(expected, apply(older, nonce, 0, new byte[4096]));
            assertArrayEquals(Arrays.copyOfRange(expected, 512, 4096), apply(older, nonce, 512, new byte[4096 - 512]));
        }
    }

    @Test
    void aPartFromAnOffsetIsThatPartOfTheWhole() {
        byte[] whole = apply(7, 0, new byte[4096]);
        for (int offset : new int[] {16, 512, 1024, 4080}) {
            assertArrayEquals(
                    Arrays.copyOfRange(whole, offset, 4096),
                    apply(7, offset, new byte[4096 - offset]),
                    "from " + offset);
        }
        assertArrayEquals(Arrays.copyOfRange(whole, 16, 117), apply(7, 16, new byte[101]));
    }

    @Test
    void longerPiecesGoOnInTheSameStream() throws GeneralSecurityException {
        assertArrayEquals(keyStream(9, 128 << 10), apply(9, 0, new byte[128 << 10]));
        assertArrayEquals(Arrays.copyOf(keyStream(9, 8208), 8200), apply(9, 0, new byte[8200]));
    }

    @Test
    void everyKindOfBufferGivesTheSameAlsoInPlace() {
        byte[] plain = new byte[4096];
        new Random(2).nextBytes(plain);
        byte[] expected = apply(3, 0, plain);
        ByteBuffer direct = ByteBuffer.allocateDirect(5000);
        direct.put(100, plain);
        ByteBuffer source = direct.duplicate().position(100).limit(4196);
        ByteBuffer destination = direct.duplicate().position(100).limit(4196);
        cipher.apply(3, 0, source, destination);
        assertFalse(source.hasRemaining() || destination.hasRemaining(), "both are consumed");
        byte[] sealed = new byte[4096];
        direct.get(100, sealed);
        assertArrayEquals(expected, sealed);
        ByteBuffer heap = ByteBuffer.allocate(5000).position(300).slice().put(0, plain);
        cipher.apply(3, 0, heap.duplicate().limit(4096), heap.duplicate());
        heap.get(0, sealed);
        assertArrayEquals(expected, sealed);
        ByteBuffer readOnly = ByteBuffer.wrap(plain).asReadOnlyBuffer();
        ByteBuffer out = ByteBuffer.allocate(4096);
        cipher.apply(3, 0, readOnly, out);
        assertArrayEquals(expected, out.array());
        assertArrayEquals(plain, apply(3, 0, expected), "the way back is the same");
    }

    @Test
    void refusesOffsetsBetweenAesBlocks() {
        assertThrows(Invariant.Broken.class, () -> apply(1, 8, new byte[16]));
        assertThrows(Invariant.Broken.class, () -> apply(1, 4096, new byte[16]));
        assertThrows(Invariant.Broken.class, () -> apply(-1, 0, new byte[16]));
    }

    @Test
    void otherSaltsPurposesAndNoncesGiveOtherBytes() {
        KeyDerivation keys = (purpose, salt, length) -> {
            byte[] key = new byte[length];
            new Random(purpose.hashCode() * 31L + Arrays.hashCode(salt)).nextBytes(key);
            return key;
        };
        byte[] salt = new byte[LocalCiphers.SALT_BYTES];
        byte[] otherSalt = salt.clone();
        otherSalt[15] = 1;
        byte[] one = stream(LocalCiphers.create(keys, "journal", salt, CounterLayout.RUNNING), 1);
        assertArrayEquals(one, stream(LocalCiphers.create(keys, "journal", salt, CounterLayout.RUNNING), 1));
        assertFalse(Arrays.equals(one, stream(LocalCiphers.create(keys, "journal", salt, CounterLayout.RUNNING), 2)));
        assertFalse(Arrays.equals(one, stream(LocalCiphers.create(keys, "cache", salt, CounterLayout.RUNNING), 1)));
        assertFalse(
                Arrays.equals(one, stream(LocalCiphers.create(keys, "journal", otherSalt, CounterLayout.RUNNING), 1)));
    }

    private static byte[] stream(LocalCipher cipher, long nonce) {
        ByteBuffer out = ByteBuffer.allocate(64);
        cipher.apply(nonce, 0, ByteBuffer.allocate(64), out);
        return out.array();
    }

    @Test
    void withoutKeysBlocksAreCopied() {
        LocalCipher plain =
                LocalCiphers.create(null, "journal", new byte[LocalCiphers.SALT_BYTES], CounterLayout.RUNNING);
        assertSame(PlainLocalCipher.INSTANCE, plain);
        ByteBuffer out = ByteBuffer.allocate(4);
        plain.apply(1, 0, ByteBuffer.wrap(new byte[] {1, 2, 3}), out);
        assertEquals(3, out.position());
        assertArrayEquals(new byte[] {1, 2, 3, 0}, out.array());
    }

    /** A batch of 32 blocks: what is thrown away for each of them. */
    @Test
    void makesLittleGarbage() {
        int blocks = 32;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer direct = ByteBuffer.allocateDirect(blocks * 4096);
        ByteBuffer in = direct.duplicate();
        ByteBuffer out = direct.duplicate();
        for (int i = 0; i < 1_000; i++) {
            cipher.apply((long) i * blocks, 0, in.clear(), out.clear());
        }
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        int rounds = 100;
        for (int i = 0; i < rounds; i++) {
            cipher.apply((long) i * blocks, 0, in.clear(), out.clear());
        }
        long perBlock = (threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before) / rounds / blocks;
        assertTrue(perBlock < 32, "bytes allocated per 4 KiB: " + perBlock);
    }
}
