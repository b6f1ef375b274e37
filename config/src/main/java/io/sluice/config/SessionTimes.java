package io.sluice.config;

import java.time.Duration;

/**
 * How long sessions wait.
 *
 * @param pingAfter silence of an initiator before it is asked whether it is there
 * @param dropAfter silence before it is given up; longer than {@code pingAfter}
 * @param logoutGrace of a server that stops: from the wish that initiators log out until their sessions are ended
 * @param logoutWait how long a logout waits for commands under way
 * @param abortWait how long a task management function waits for writes that cannot be stopped
 */
public record SessionTimes(
        Duration pingAfter, Duration dropAfter, Duration logoutGrace, Duration logoutWait, Duration abortWait) {}
