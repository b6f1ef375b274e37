package io.sluice.storage.crypto;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256 in counter mode (NIST SP 800-38A section 6.5) through the JDK's provider; {@link CounterLayout} says what the
 * counter block is, 16 bytes big-endian. Two blocks with different nonces never meet.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The key is never changed and never shown.
 *   <li>A {@link Cipher} belongs to one thread; it is aimed anew (key and counter) at every call. A thread keeps a few, so
 *       that files used in turn do not cost a key expansion each time; which one is used never changes the result.
 *   <li>The JDK only ever sees arrays: its way with direct buffers allocates 8 KiB per call.
 * </ol>
 */
public final class AesCtrLocalCipher implements LocalCipher {
    private static final int BLOCK_BYTES = 4096;
    private static final ThreadLocal<Workbench> WORKBENCHES = ThreadLocal.withInitial(Workbench::new);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final SecretKey key;
    private final CounterLayout layout;
    private final int number = COUNT.getAndIncrement();

    /** {@code key} is 32 bytes. */
    public AesCtrLocalCipher(byte[] key, CounterLayout layout) {
        this.layout = layout;
        Invariant.check(key.length == 32, "AES-256 key length", key.length, 32);
        this.key = new SecretKeySpec(key, "AES");
    }

    @Override
    public void apply(long nonce, int offset, ByteBuffer source, ByteBuffer destination) {
        Invariant.check(
                offset >= 0 && offset < BLOCK_BYTES && offset % CounterLayout.AES_BLOCK_BYTES == 0,
                "cipher offset",
                offset,
                BLOCK_BYTES);
        Invariant.check(nonce >= 0, "cipher nonce", nonce, 0);
        Invariant.check(
                runsOn() || offset + source.remaining() <= BLOCK_BYTES,
                "a call of the cipher for several blocks",
                offset,
                source.remaining());
        Invariant.check(
                source.remaining() <= destination.remaining(),
                "cipher destination too small",
                source.remaining(),
                destination.remaining());
        WORKBENCHES.get().aim(number).apply(key, layout.high(nonce), layout.low(nonce, offset), source, destination);
    }

    @Override
    public boolean runsOn() {
        return layout == CounterLayout.RUNNING;
    }

    /**
     * Shows a cipher the counter where it stands: a spec for each call, and the copies it makes, would be most of the garbage
     * of a read. A cipher looks at it again after its last byte, which changes nothing: it is aimed anew before its next.
     */
    private static final class CounterInPlace extends IvParameterSpec {
        private final byte[] counter;

        CounterInPlace(byte[] counter) {
            super(counter);
            this.counter = counter;
        }

        @Override
        public byte[] getIV() {
            return counter;
        }
    }

    /** What one thread works with. */
    private static final class Workbench {
        private static final int PIECE_BYTES = 4096;

        private static final int CIPHERS = 8;

        private final Cipher[] ciphers = new Cipher[CIPHERS];
        private final byte[] counter = new byte[CounterLayout.AES_BLOCK_BYTES];
        private final ByteBuffer counterView = ByteBuffer.wrap(counter);
        private final CounterInPlace counterInPlace = new CounterInPlace(counter);
        private final byte[] input = new byte[PIECE_BYTES];
        private final byte[] output = new byte[PIECE_BYTES];
        private Cipher cipher;

        Workbench() {
            try {
                for (int i = 0; i < CIPHERS; i++) {
                    ciphers[i] = Cipher.getInstance("AES/CTR/NoPadding");
                }
                cipher = ciphers[0];
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java has no AES/CTR", e);
            }
        }

        Workbench aim(int number) {
            cipher = ciphers[number & (CIPHERS - 1)];
            return this;
        }

        void apply(SecretKey key, long high, long low, ByteBuffer source, ByteBuffer destination) {
            try {
                counterView.putLong(0, high).putLong(Long.BYTES, low);
                cipher.init(Cipher.ENCRYPT_MODE, key, counterInPlace);
                while (source.remaining() > PIECE_BYTES) {
                    piece(PIECE_BYTES, source, destination, false);
                }
                piece(source.remaining(), source, destination, true);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES/CTR failed", e);
            }
        }

        private void piece(int count, ByteBuffer source, ByteBuffer destination, boolean last)
                throws GeneralSecurityException {
            byte[] from = input;
            int fromOffset = 0;
            if (source.hasArray()) {
                from = source.array();
                fromOffset = source.arrayOffset() + source.position();
                source.position(source.position() + count);
            } else {
                source.get(input, 0, count);
            }
            int made = last
                    ? cipher.doFinal(from, fromOffset, count, output, 0)
                    : cipher.update(from, fromOffset, count, output, 0);
            Invariant.check(made == count, "AES/CTR gave another length", made, count);
            destination.put(output, 0, count);
        }
    }
}
