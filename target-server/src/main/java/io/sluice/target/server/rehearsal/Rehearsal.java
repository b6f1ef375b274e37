package io.sluice.target.server.rehearsal;

import io.sluice.target.cli.ExitStatus;
import io.sluice.target.cli.PlainServe;
import io.sluice.target.cli.ServerLauncher;
import io.sluice.target.cli.SluiceCommand;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves, for a moment, a LUN in a directory and one in a bucket, and has a host log in to both: what a start needs is then
 * loaded, so that the JVM can put it into its class archive when it ends. All files are below one directory; everything
 * listens on 127.0.0.1.
 */
public final class Rehearsal {
    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);
    private static final List<String> STORES = List.of("near", "far");
    private static final String TARGET = "iqn.2026-11.io.sluice:rehearsal-";
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int ANSWER_MILLIS_MAX = 10_000;
    private static final int HEADER_BYTES = 48;
    private static final int LOGIN_STATUS_AT = 36;

    private final Path directory;
    private final RehearsalBucket bucket;
    private final int port;
    private volatile boolean succeeded;

    private Rehearsal(Path directory, RehearsalBucket bucket, int port) {
        this.directory = directory;
        this.bucket = bucket;
        this.port = port;
    }

    /**
     * Runs it in {@code directory}, which is empty; the exit status.
     *
     * @param stop makes the server stop, as a signal would
     */
    public static int run(Path directory, ServerLauncher launcher, Runnable stop) throws IOException {
        try (RehearsalBucket bucket = RehearsalBucket.start()) {
            return new Rehearsal(directory, bucket, freePort()).run(launcher, stop);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private int run(ServerLauncher launcher, Runnable stop) throws IOException {
        Path configuration = writeFiles();
        for (String store : STORES) {
            int made = SluiceCommand.run(command(configuration, "volume", "create", "rehearsal-" + store), launcher);
            if (made != ExitStatus.OK) {
                return made;
            }
        }
        Thread host = new Thread(() -> logInTo(stop), "rehearsal-host");
        host.setDaemon(true);
        host.start();
        int served = PlainServe.run(command(configuration, "serve"), launcher);
        return succeeded ? served : ExitStatus.FAILED;
    }

    private static String[] command(Path configuration, String... words) {
        String[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--config";
        all[words.length + 1] = configuration.toString();
        return all;
    }

    private Path writeFiles() throws IOException {
        Path passphrase = Files.writeString(directory.resolve("passphrase"), "a rehearsal\n");
        Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-------"));
        Files.createDirectory(directory.resolve("bucket"));
        Path luns = Files.createDirectory(directory.resolve("luns.d"));
        for (String store : STORES) {
            Files.writeString(
                    luns.resolve(store + ".conf"), String.format(Locale.ROOT, """
            target = "%s%s"
            lun = 0
            size = 64 MiB
            volume = rehearsal-%s
            store = %s
            index.memory = 1 MiB
            """, TARGET, store, store, store));
        }
        return Files.writeString(
                directory.resolve("sluice.conf"),
                String.format(Locale.ROOT, """
            portals = ["127.0.0.1:%d"]
            admin-socket = admin.sock
            data-directory = cache
            stores {
              near { type = file, directory = bucket }
              far {
                type = s3, endpoint = "%s", bucket = %s, region = us-east-1
                credentials { access-key-id = rehearsal, secret-access-key { file = passphrase } }
              }
            }
            defaults { encryption { passphrase { file = passphrase } } }
            """, port, bucket.endpoint(), RehearsalBucket.NAME));
    }

    private void logInTo(Runnable stop) {
        long endNanos = System.nanoTime() + LIMIT_NANOS;
        try {
            boolean all = false;
            while (!all && System.nanoTime() < endNanos) {
                TimeUnit.MILLISECONDS.sleep(100);
                all = logsInToAll();
            }
            succeeded = all;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            stop.run();
        }
    }

    private boolean logsInToAll() {
        try {
            for (String store : STORES) {
                logIn(TARGET + store);
            }
            return true;
        } catch (IOException notYet) {
            log.debug("nobody can log in yet", notYet);
            return false;
        }
    }

    /** One Login Request that goes to the full feature phase (RFC 7143, section 11.12), and its answer. */
    private void logIn(String target) throws IOException {
        byte[] keys = ("InitiatorName=iqn.2026-11.io.sluice:rehearsal\0TargetName=" + target + "\0SessionType=Normal\0")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer request = ByteBuffer.allocate(HEADER_BYTES + ((keys.length + 3) & -4));
        request.put(0, (byte) 0x43); // Login Request, immediate
        request.put(1, (byte) 0x87); // transit, from operational negotiation to full feature
        request.putInt(4, keys.length);
        request.putLong(8, 0x8000_0000_0001_0000L); // ISID of the random kind, TSIH 0
        request.put(HEADER_BYTES, keys);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(ANSWER_MILLIS_MAX);
            socket.getOutputStream().write(request.array());
            byte[] answer = new byte[HEADER_BYTES];
            new DataInputStream(socket.getInputStream()).readFully(answer);
            if (answer[LOGIN_STATUS_AT] != 0) {
                throw new IOException(
                        "the login to " + target + " was refused, status class " + answer[LOGIN_STATUS_AT]);
            }
        }
    }
}
