package io.sluice.target.iscsi.session;

import java.time.Duration;

/**
 * Bounds and times of sessions.
 *
 * @param commandWindow commands an initiator may have in flight per session, constant (MaxCmdSN)
 * @param preLoginBufferBytes receive buffer of a connection until it has logged in
 * @param receiveBufferBytes receive buffer afterwards
 * @param sendQueueBytesMax what may wait to be sent to one initiator before no more is read from it
 * @param dataInPieceBytes the longest data segment we send
 * @param taskDataBytesMax the longest data-out of one command
 * @param sessionMemoryBytesMax data buffers of one session
 * @param serverMemoryBytesMax data buffers of all sessions
 * @param connectionsMax connections of the server
 * @param loginRequestBytesMax the text of one login request over all its PDUs
 * @param halfOpenMax connections that have not logged in yet
 * @param halfOpenPerAddressMax connections from one address that have not logged in yet
 * @param loginTime how long a login may take
 * @param pingAfterIdle how long an initiator may be silent before it is asked whether it is there
 * @param dropAfterSilence how long before it is given up
 * @param logoutTime how long a logout waits for commands in flight
 */
public record SessionSettings(
        int commandWindow,
        int preLoginBufferBytes,
        int receiveBufferBytes,
        long sendQueueBytesMax,
        int dataInPieceBytes,
        int taskDataBytesMax,
        long sessionMemoryBytesMax,
        long serverMemoryBytesMax,
        int connectionsMax,
        int loginRequestBytesMax,
        int halfOpenMax,
        int halfOpenPerAddressMax,
        Duration loginTime,
        Duration pingAfterIdle,
        Duration dropAfterSilence,
        Duration logoutTime) {
    private static final int PRE_LOGIN_BYTES_MIN = 16 << 10;

    /** Checks what would not work. */
    public SessionSettings {
        check(commandWindow >= 1 && commandWindow <= 4096, "commandWindow must be 1-4096");
        check(preLoginBufferBytes >= PRE_LOGIN_BYTES_MIN, "preLoginBufferBytes must be at least 16 KiB");
        check(loginRequestBytesMax >= PRE_LOGIN_BYTES_MIN, "loginRequestBytesMax must be at least 16 KiB");
        check(receiveBufferBytes >= preLoginBufferBytes, "receiveBufferBytes must not be below preLoginBufferBytes");
        check(dataInPieceBytes >= 512, "dataInPieceBytes must be at least 512");
        check(taskDataBytesMax >= 512, "taskDataBytesMax must be at least 512");
        check(dropAfterSilence.compareTo(pingAfterIdle) > 0, "dropAfterSilence must be longer than pingAfterIdle");
    }

    /** What Sluice uses unless told otherwise. */
    public static SessionSettings standard() {
        return new SessionSettings(
                128,
                PRE_LOGIN_BYTES_MIN,
                1 << 20,
                8L << 20,
                64 << 10,
                16 << 20,
                128L << 20,
                512L << 20,
                256,
                32 << 10,
                128,
                32,
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofSeconds(5));
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
