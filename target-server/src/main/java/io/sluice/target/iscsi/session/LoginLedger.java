package io.sluice.target.iscsi.session;

import io.sluice.storage.runtime.EngineClock;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jscsi.parser.login.LoginStatus;

/**
 * Remembers how logins ended: figures for operators, and for each address and initiator name how many proofs were wrong
 * lately, so that who guesses secrets has to wait for every answer. Thread-safe, never blocks.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A right proof waits as long as a wrong one would: who gets no answer at once does not know that he was wrong.
 *   <li>No wait is longer than {@link #ADDRESS_WAIT_MAX}; a name, which anybody can claim, costs its real owner no more
 *       than {@link #NAME_WAIT_MAX}.
 *   <li>The tables hold {@link #ENTRIES_MAX} each; the one unused for longest makes room.
 * </ol>
 */
public final class LoginLedger {
    /** The longest wait because of an address. */
    static final Duration ADDRESS_WAIT_MAX = Duration.ofSeconds(4);
    /** The longest wait because of a name. */
    static final Duration NAME_WAIT_MAX = Duration.ofSeconds(1);
    /** Addresses, and names, that are remembered. */
    static final int ENTRIES_MAX = 4096;
    /** Mistakes that anybody may make: a secret typed wrong, a host that tries each of its paths. */
    static final int FAILURES_WITHOUT_WAIT = 4;

    private static final int FAILURES_MAX = 16;
    private static final Duration FIRST_WAIT = Duration.ofMillis(250);
    private static final long FORGIVING_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int IPV6_NETWORK_BYTES = 8;

    private final EngineClock clock;
    private final Map<Object, Failures> byAddress = bounded();
    private final Map<Object, Failures> byName = bounded();
    private final Map<String, Long> refused = new TreeMap<>();
    private long succeeded;

    /** @param count of wrong proofs, one less for every {@link #FORGIVING_NANOS} since {@code lastNanos} */
    private record Failures(int count, long lastNanos) {
        static final Failures NONE = new Failures(0, 0);

        int countAt(long nowNanos) {
            return (int) Math.max(0, count - (nowNanos - lastNanos) / FORGIVING_NANOS);
        }
    }

    /** Nothing remembered. */
    public LoginLedger(EngineClock clock) {
        this.clock = clock;
    }

    /** A proof was judged; how long its answer has to wait. */
    public synchronized Duration judged(InetAddress address, String initiatorName, boolean right) {
        long now = clock.monotonicNanos();
        Duration ofAddress = judged(byAddress, network(address), right, now, ADDRESS_WAIT_MAX);
        Duration ofName = judged(byName, initiatorName, right, now, NAME_WAIT_MAX);
        return ofAddress.compareTo(ofName) > 0 ? ofAddress : ofName;
    }

    private static Duration judged(
            Map<Object, Failures> table, Object key, boolean right, long nowNanos, Duration waitMax) {
        int before = table.getOrDefault(key, Failures.NONE).countAt(nowNanos);
        if (!right) {
            table.put(key, new Failures(Math.min(FAILURES_MAX, before + 1), nowNanos));
        }
        int excess = before - FAILURES_WITHOUT_WAIT;
        if (excess < 0) {
            return Duration.ZERO;
        }
        Duration wait = FIRST_WAIT.multipliedBy(1L << excess);
        return wait.compareTo(waitMax) < 0 ? wait : waitMax;
    }

    /** A host has a whole network of IPv6 addresses, and can come by another one each time. */
    private static Object network(InetAddress address) {
        return address instanceof Inet6Address
                ? ByteBuffer.wrap(Arrays.copyOf(address.getAddress(), IPV6_NETWORK_BYTES))
                : address;
    }

    /** A session began. */
    public synchronized void succeeded() {
        succeeded++;
    }

    /** A login was refused. */
    public synchronized void refused(LoginStatus status) {
        refused.merge(text(status), 1L, Long::sum);
    }

    /** Logins that led to a session since the start. */
    public synchronized long logins() {
        return succeeded;
    }

    /** Refused ones since the start, by status: "0201 authentication failure". */
    public synchronized Map<String, Long> refusals() {
        return Map.copyOf(refused);
    }

    private static String text(LoginStatus status) {
        String words = status == LoginStatus.SESSION_DOSE_NOT_EXIST
                ? "session does not exist"
                : status.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return String.format(Locale.ROOT, "%04x %s", status.value(), words);
    }

    private static Map<Object, Failures> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Object, Failures> eldest) {
                return size() > ENTRIES_MAX;
            }
        };
    }
}
