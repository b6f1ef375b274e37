package io.sluice.target.cli;

import io.sluice.config.LunSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.target.admin.AdminClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the running server of a configuration has open: commands that would pull it from under the server refuse. */
final class ServedVolumes {
    private ServedVolumes() {}

    /** Fails when the running server of this configuration serves the volume of {@code lun}, or cannot be asked. */
    static void refuseWhenServed(SluiceConfiguration configuration, LunSettings lun, String work) {
        if (isServed(configuration, lun)) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "the running server serves volume \"" + lun.volume().name() + "\": stop it before you " + work);
        }
    }

    /** Whether the running server of this configuration serves the volume of {@code lun}; fails when it cannot be asked. */
    static boolean isServed(SluiceConfiguration configuration, LunSettings lun) {
        Path socket = configuration.server().adminSocket();
        if (!AdminClient.mayAnswer(socket)) {
            return false;
        }
        try {
            return serves(AdminClient.ask(socket, "status"), lun.volume().name());
        } catch (AdminClient.NoServerException nobody) {
            org.slf4j.LoggerFactory.getLogger(ServedVolumes.class).debug("nobody serves", nobody);
            return false;
        } catch (IOException failure) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "whether the volume is served cannot be told, so nothing was done: " + FailureText.of(failure));
        }
    }

    private static boolean serves(Map<String, Object> status, String volume) {
        return status.get("luns") instanceof List<?> luns
                && luns.stream()
                        .map(row -> (Map<?, ?>) row)
                        .anyMatch(row -> volume.equals(row.get("volume")) && row.get("failure") == null);
    }
}
