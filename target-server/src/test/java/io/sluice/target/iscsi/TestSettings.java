package io.sluice.target.iscsi;

import io.sluice.target.iscsi.login.DigestPolicy;
import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.session.SessionSettings;
import java.time.Duration;

/** Session settings for tests: the defaults, with what a test wants different. */
public final class TestSettings {
    private long sendQueueBytesMax = 8L << 20;
    private int taskDataBytesMax = 16 << 20;
    private long sessionMemoryBytesMax = 128L << 20;
    private int halfOpenMax = 32;
    private Duration loginTime = Duration.ofSeconds(15);
    private Duration pingAfterIdle = Duration.ofSeconds(30);
    private Duration dropAfterSilence = Duration.ofSeconds(60);

    /** Our side of a login, with small bursts and segments. */
    public static NegotiationSettings smallBursts() {
        return new NegotiationSettings(
                8192, 8192, 4096, false, true, 4, DigestPolicy.ALLOWED, DigestPolicy.ALLOWED, 2, 20);
    }

    /** What may wait to be sent. */
    public TestSettings sendQueueBytesMax(long bytes) {
        sendQueueBytesMax = bytes;
        return this;
    }

    /** Data of one command. */
    public TestSettings taskDataBytesMax(int bytes) {
        taskDataBytesMax = bytes;
        return this;
    }

    /** Data of one session. */
    public TestSettings sessionMemoryBytesMax(long bytes) {
        sessionMemoryBytesMax = bytes;
        return this;
    }

    /** Connections that have not logged in. */
    public TestSettings halfOpenMax(int count) {
        halfOpenMax = count;
        return this;
    }

    /** Time for a login. */
    public TestSettings loginTime(Duration time) {
        loginTime = time;
        return this;
    }

    /** Both times of the keep-alive. */
    public TestSettings silence(Duration ping, Duration drop) {
        pingAfterIdle = ping;
        dropAfterSilence = drop;
        return this;
    }

    /** All of it. */
    public SessionSettings build() {
        return new SessionSettings(
                128,
                16 << 10,
                1 << 20,
                sendQueueBytesMax,
                64 << 10,
                taskDataBytesMax,
                sessionMemoryBytesMax,
                512L << 20,
                64,
                32 << 10,
                64,
                halfOpenMax,
                loginTime,
                pingAfterIdle,
                dropAfterSilence,
                Duration.ofSeconds(2));
    }
}
