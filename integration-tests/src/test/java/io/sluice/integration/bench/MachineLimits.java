package io.sluice.integration.bench;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the machine itself can do: one thread each (of the loopback one at each end), about a second each, in the JVM of the benchmark. Writes through the page
 * cache, as peers do.
 */
final class MachineLimits {
    static final String ZSTD_RATIO = "zstd level 1, stored/given";

    private static final Logger log = LoggerFactory.getLogger(MachineLimits.class);
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int SMALL_BYTES = 4096;
    private static final int LARGE_BYTES = 1 << 20;
    private static final int FRAME_BYTES = 128 << 10;
    private static final int AES_BYTES = 16 << 10;
    private static final long FILE_BYTES = 256L << 20;
    private static final int TAG_BITS = 128;
    private static final int NONCE_BYTES = 12;

    private MachineLimits() {}

    /** One step, again and again; returns bytes. */
    private interface Step {
        long run() throws IOException, GeneralSecurityException;
    }

    /** By name with unit. */
    static Map<String, Double> measure(Path directory) throws IOException, GeneralSecurityException {
        Map<String, Double> limits = new TreeMap<>();
        loopback(limits);
        limits.put("loopback, 1 MiB one way, MiB/s", mebibytes(loopbackStream()));
        file(directory.resolve("limits.img"), limits);
        aes(limits);
        zstd(limits);
        return limits;
    }

    /** In the second second: the first one is for the compiler. */
    private static double perSecond(Step step) throws IOException, GeneralSecurityException {
        oneSecond(step);
        return oneSecond(step);
    }

    private static double oneSecond(Step step) throws IOException, GeneralSecurityException {
        long beginNanos = System.nanoTime();
        long sum = 0;
        while (System.nanoTime() - beginNanos < SECOND_NANOS) {
            sum += step.run();
        }
        return sum * (double) SECOND_NANOS / (System.nanoTime() - beginNanos);
    }

    private static double mebibytes(double bytes) {
        return bytes / (1 << 20);
    }

    private static void loopback(Map<String, Double> limits) throws IOException, GeneralSecurityException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket near = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket far = listener.accept()) {
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            Thread echo = new Thread(() -> echo(far), "limits-echo");
            echo.setDaemon(true);
            echo.start();
            limits.put(
                    "loopback, 4 KiB there and back, per s",
                    perSecond(() -> exchange(near, SMALL_BYTES)) / SMALL_BYTES);
            limits.put(
                    "loopback, 1 MiB there and back, MiB/s", mebibytes(perSecond(() -> exchange(near, LARGE_BYTES))));
        }
    }

    /** One thread sends, another receives and throws away: the most that a stream of large blocks could reach. */
    private static double loopbackStream() throws IOException, GeneralSecurityException {
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel near = SocketChannel.open(listener.getLocalAddress());
                SocketChannel far = listener.accept()) {
            Thread receiver = new Thread(() -> receive(far), "limits-receiver");
            receiver.setDaemon(true);
            receiver.start();
            ByteBuffer block = ByteBuffer.allocateDirect(LARGE_BYTES);
            return perSecond(() -> send(near, block));
        }
    }

    private static long send(SocketChannel channel, ByteBuffer block) throws IOException {
        block.clear();
        while (block.hasRemaining()) {
            channel.write(block);
        }
        return LARGE_BYTES;
    }

    private static void receive(SocketChannel channel) {
        ByteBuffer block = ByteBuffer.allocateDirect(LARGE_BYTES);
        try {
            while (channel.read(block.clear()) >= 0) {
                // Looking at it would be another measurement.
            }
        } catch (IOException closed) {
            log.debug("the other end has what it wanted", closed);
        }
    }

    private static long exchange(Socket socket, int bytes) throws IOException {
        byte[] data = new byte[bytes];
        // An echo of pieces: a whole MiB would fill both buffers, with both sides writing.
        int piece = Math.min(bytes, SMALL_BYTES << 3);
        for (int sent = 0; sent < bytes; sent += piece) {
            socket.getOutputStream().write(data, sent, piece);
            if (socket.getInputStream().readNBytes(data, sent, piece) != piece) {
                throw new IOException("the echo ended");
            }
        }
        return bytes;
    }

    private static void echo(Socket socket) {
        byte[] buffer = new byte[SMALL_BYTES << 4];
        try {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            int read = in.read(buffer);
            while (read > 0) {
                out.write(buffer, 0, read);
                read = in.read(buffer);
            }
        } catch (IOException closed) {
            log.debug("the other end has what it wanted", closed);
        }
    }

    private static void file(Path file, Map<String, Double> limits) throws IOException, GeneralSecurityException {
        SplittableRandom random = new SplittableRandom(1);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer large = ByteBuffer.allocateDirect(LARGE_BYTES);
            for (long position = 0; position < FILE_BYTES; position += LARGE_BYTES) {
                channel.write(large.clear(), position);
            }
            ByteBuffer small = ByteBuffer.allocateDirect(SMALL_BYTES);
            limits.put(
                    "file, 4 KiB random write, per s",
                    perSecond(() -> channel.write(small.clear(), place(random, SMALL_BYTES))) / SMALL_BYTES);
            limits.put(
                    "file, 4 KiB random read, per s",
                    perSecond(() -> channel.read(small.clear(), place(random, SMALL_BYTES))) / SMALL_BYTES);
            limits.put(
                    "file, 1 MiB write, MiB/s",
                    mebibytes(perSecond(() -> channel.write(large.clear(), place(random, LARGE_BYTES)))));
            channel.force(false);
            limits.put("file, 4 KiB write and fdatasync, per s", perSecond(() -> {
                channel.write(small.clear(), place(random, SMALL_BYTES));
                channel.force(false);
                return 1;
            }));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static long place(SplittableRandom random, int bytes) {
        return random.nextLong(FILE_BYTES / bytes) * bytes;
    }

    private static void aes(Map<String, Double> limits) throws IOException, GeneralSecurityException {
        SecretKeySpec key = new SecretKeySpec(new byte[32], "AES");
        byte[] data = new byte[AES_BYTES];
        byte[] sealed = new byte[AES_BYTES + TAG_BITS / Byte.SIZE];
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES);
        limits.put("AES-256-GCM, 16 KiB, MiB/s", mebibytes(perSecond(() -> {
            nonce.putLong(0, nonce.getLong(0) + 1);
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce.array()));
            cipher.doFinal(data, 0, data.length, sealed, 0);
            return data.length;
        })));
    }

    /** Data like that of the load: each block half random, half zeros. */
    private static void zstd(Map<String, Double> limits) throws IOException, GeneralSecurityException {
        byte[] data = new byte[FRAME_BYTES];
        SplittableRandom random = new SplittableRandom(1);
        for (int block = 0; block < FRAME_BYTES; block += SMALL_BYTES) {
            byte[] half = new byte[SMALL_BYTES / 2];
            random.nextBytes(half);
            System.arraycopy(half, 0, data, block, half.length);
        }
        byte[] packed = new byte[(int) Zstd.compressBound(FRAME_BYTES)];
        limits.put("zstd level 1, 128 KiB, MiB/s", mebibytes(perSecond(() -> {
            Zstd.compressByteArray(packed, 0, packed.length, data, 0, data.length, 1);
            return data.length;
        })));
        long stored = Zstd.compressByteArray(packed, 0, packed.length, data, 0, data.length, 1);
        limits.put(ZSTD_RATIO, stored / (double) FRAME_BYTES);
    }
}
