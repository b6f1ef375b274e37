package io.sluice.target.fuzz;

import io.sluice.target.iscsi.TestInitiator;
import io.sluice.target.iscsi.WirePdu;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A healthy session that writes and reads back while others attack. Each slot of its range has a version; what a read
 * gives must be a version that may be there: the last one written, or one whose write was never answered.
 *
 * <p>How much it bears depends on what it shares with attackers: nothing ({@link Bears#NOTHING}), the target with its
 * cold reset ({@link Bears#COLD_RESET}), or the logical unit with resets, reservations and mode pages
 * ({@link Bears#EVERYTHING_BUT_WRONG_DATA}).
 */
final class Witness implements AutoCloseable {
    /** What attackers may do to it. */
    enum Bears {
        NOTHING,
        COLD_RESET,
        EVERYTHING_BUT_WRONG_DATA
    }

    private static final int SLOT_BLOCKS = 16;

    private static final int SLOTS = 200;
    private static final int BLOCK_BYTES = 512;
    private static final int FIRST_BLOCK = GuardedTarget.ATTACKED_BLOCKS + 100;
    private static final int PATIENCE_MILLIS = 1_000;
    private static final int LATENCY_MILLIS_MAX = 10_000;
    private static final int ATTEMPTS_AFTER_LOGIN = 8;
    private static final int DATA_IN = 0x25;
    private static final int SCSI_RESPONSE = 0x21;
    private static final int CHECK_CONDITION = 2;
    private static final Set<Integer> SENSE_KEYS_BORNE = Set.of(2, 6, 7, 0xb);

    private final String name;
    private final String target;
    private final int lun;
    private final Bears bears;
    private final FuzzServer server;
    private final long seed;
    private final Random random;
    private final int[] versions = new int[SLOTS];
    private final Set<Integer>[] possible;
    private final AtomicReference<@Nullable String> complaint = new AtomicReference<>();
    private final ReentrantLock turn = new ReentrantLock(true);
    private final Thread thread;
    private @Nullable TestInitiator initiator;
    private int coldResetsAtLogin;
    private volatile boolean over;
    private final AtomicLong verified = new AtomicLong();
    private volatile long latencyNanosMax;
    private final AtomicInteger logins = new AtomicInteger();

    /** An answer: status, sense key, data. */
    private record Answer(int status, int senseKey, byte[] data) {}

    @SuppressWarnings({"unchecked", "rawtypes"})
    Witness(FuzzServer server, String name, String target, int lun, Bears bears, long seed) throws IOException {
        this.server = server;
        this.name = GuardedTarget.WITNESS + name;
        this.target = target;
        this.lun = lun;
        this.bears = bears;
        this.seed = seed;
        this.random = new Random(seed);
        this.possible = new Set[SLOTS];
        for (int i = 0; i < SLOTS; i++) {
            possible[i] = new HashSet<>(Set.of(0));
        }
        logIn();
        thread = new Thread(this::work, "witness-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** What went wrong; it has stopped then. */
    Optional<String> complaint() {
        return Optional.ofNullable(complaint.get()).map(text -> name + ": " + text);
    }

    /** While {@code action} runs nothing of this witness is under way. */
    void pauseFor(Runnable action) {
        turn.lock();
        try {
            action.run();
        } finally {
            turn.unlock();
        }
    }

    /** For the counts of a check: a session that a cold reset has ended is there again. Only while it rests. */
    void ensureLoggedIn() {
        if (complaint.get() != null) {
            return;
        }
        try {
            exchange(initiator().command(0x81, 0, new byte[6]));
        } catch (IOException e) {
            recover(e);
        }
    }

    /** Waits until it has verified something more; false when it does not get there. */
    boolean awaitProgress() throws InterruptedException {
        long before = verified.get();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (verified.get() == before && complaint.get() == null) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(2);
        }
        return true;
    }

    private void work() {
        while (!over) {
            turn.lock();
            try {
                step();
            } catch (IOException e) {
                recover(e);
            } finally {
                turn.unlock();
            }
        }
    }

    private void step() throws IOException {
        int slot = random.nextInt(SLOTS);
        if (random.nextInt(3) == 0) {
            write(slot);
        } else {
            read(slot);
        }
    }

    private void write(int slot) throws IOException {
        int version = ++versions[slot];
        possible[slot].add(version);
        Answer answer = exchange(initiator().write(blockOf(slot), pattern(slot, version)));
        if (answer.status() == 0) {
            possible[slot] = new HashSet<>(Set.of(version));
        } else if (bears(answer)) {
            if (answer.status() != CHECK_CONDITION || answer.senseKey() != 0xb) {
                possible[slot].remove(version);
            }
        } else {
            complain("write of slot " + slot + " ended with " + describe(answer));
        }
    }

    private void read(int slot) throws IOException {
        Answer answer = exchange(initiator().read(blockOf(slot), SLOT_BLOCKS));
        if (answer.status() != 0) {
            if (!bears(answer)) {
                complain("read of slot " + slot + " ended with " + describe(answer));
            }
            return;
        }
        for (int version : possible[slot]) {
            if (Arrays.equals(pattern(slot, version), answer.data())) {
                possible[slot] = new HashSet<>(Set.of(version));
                verified.incrementAndGet();
                return;
            }
        }
        complain("WRONG DATA in slot " + slot + ", possible versions " + possible[slot]);
    }

    private boolean bears(Answer answer) {
        boolean passing = answer.status() != CHECK_CONDITION || SENSE_KEYS_BORNE.contains(answer.senseKey());
        return bears == Bears.EVERYTHING_BUT_WRONG_DATA && passing;
    }

    private void recover(IOException failure) {
        if (over) {
            return;
        }
        boolean allowed = switch (bears) {
            case NOTHING -> false;
            case COLD_RESET -> server.guard().coldResets() > coldResetsAtLogin;
            case EVERYTHING_BUT_WRONG_DATA -> true;
        };
        if (!allowed) {
            complain("its session failed: " + failure);
            return;
        }
        try {
            logIn();
        } catch (IOException e) {
            if (server.guard().coldResets() == coldResetsAtLogin) {
                complain("it could not log in again: " + e);
            }
        }
    }

    private void logIn() throws IOException {
        TestInitiator before = initiator;
        if (before != null) {
            before.close();
        }
        coldResetsAtLogin = server.guard().coldResets();
        InetSocketAddress portal = server.address();
        TestInitiator fresh = new TestInitiator(portal).isid(seed & 0xffff);
        initiator = fresh;
        fresh.socket().setSoTimeout(bears == Bears.EVERYTHING_BUT_WRONG_DATA ? PATIENCE_MILLIS : LATENCY_MILLIS_MAX);
        TextKeys names =
                TextKeys.of("InitiatorName", name, "SessionType", "Normal", "TargetName", target, "AuthMethod", "None");
        int status = fresh.exchange(fresh.loginRequest(0x81, names)).loginStatus();
        if (status == 0) {
            status = fresh.finishLogin(
                            "ImmediateData", "Yes", "HeaderDigest", "CRC32C,None", "DataDigest", "CRC32C,None")
                    .loginStatus();
        }
        if (status != 0) {
            throw new IOException("login status 0x" + Integer.toHexString(status));
        }
        logins.incrementAndGet();
        for (int attempt = 0; attempt < ATTEMPTS_AFTER_LOGIN; attempt++) {
            if (exchange(fresh.command(0x81, 0, new byte[6])).status() == 0) {
                return;
            }
        }
    }

    private TestInitiator initiator() throws IOException {
        TestInitiator present = initiator;
        if (present == null) {
            throw new IOException("not logged in");
        }
        return present;
    }

    private Answer exchange(WirePdu command) throws IOException {
        TestInitiator with = initiator();
        long begin = System.nanoTime();
        with.send(command.putShort(8, lun));
        byte[] data = new byte[command.intAt(20)];
        while (true) {
            WirePdu pdu = with.receive();
            if (pdu.opcode() != DATA_IN && pdu.opcode() != SCSI_RESPONSE) {
                continue;
            }
            if (pdu.tag() != command.tag()) {
                throw new IOException("an answer to another command: " + pdu);
            }
            if (pdu.opcode() == DATA_IN) {
                byte[] piece = pdu.data();
                System.arraycopy(piece, 0, data, pdu.intAt(40), piece.length);
            }
            if (pdu.opcode() == SCSI_RESPONSE || (pdu.flags() & 1) != 0) {
                latencyNanosMax = Math.max(latencyNanosMax, System.nanoTime() - begin);
                return new Answer(pdu.status(), pdu.status() == CHECK_CONDITION ? senseKey(pdu) : 0, data);
            }
        }
    }

    private static int senseKey(WirePdu pdu) {
        byte[] data = pdu.data();
        return ((data[2] & 0x7f) == 0x70 ? data[4] : data[3]) & 0x0f;
    }

    private static int blockOf(int slot) {
        return FIRST_BLOCK + (slot * SLOT_BLOCKS);
    }

    private byte[] pattern(int slot, int version) {
        byte[] bytes = new byte[SLOT_BLOCKS * BLOCK_BYTES];
        if (version > 0) {
            new Random((seed * 31) + (slot * 1_000_003L) + version).nextBytes(bytes);
        }
        return bytes;
    }

    @Override
    public String toString() {
        return name.substring(GuardedTarget.WITNESS.length()) + " verified " + verified + ", slowest answer "
                + TimeUnit.NANOSECONDS.toMillis(latencyNanosMax) + " ms, logins " + logins;
    }

    private static String describe(Answer answer) {
        return "status 0x" + Integer.toHexString(answer.status()) + ", sense key " + answer.senseKey();
    }

    private void complain(String text) {
        complaint.compareAndSet(null, text);
        over = true;
    }

    @Override
    public void close() throws IOException {
        over = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(15));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        TestInitiator last = initiator;
        if (last != null) {
            last.close();
        }
    }
}
