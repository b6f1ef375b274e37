package io.sluice.target.server;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Keeps Logback from configuring itself by whatever file it finds on the class path (the jar of jSCSI's vocabulary carries
 * one); found by the service loader. A file that is named on the command line of the JVM is used, as the tests do.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    private static final String FILE_BY_NAME = "logback.configurationFile";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(FILE_BY_NAME) != null) {
            return ExecutionStatus.NEUTRAL;
        }
        LogSetup.forCommand(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
