package io.sluice.deploy;

import io.sluice.config.ConfigurationResult;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.load.ConfigurationLoader;
import java.nio.file.Path;

/** Reads configuration files that must be free of mistakes. */
final class Configurations {
    private Configurations() {}

    static SluiceConfiguration load(Path serverFile) {
        ConfigurationResult result = new ConfigurationLoader().load(serverFile);
        if (result instanceof ConfigurationResult.Unusable unusable) {
            throw new AssertionError(unusable.text());
        }
        if (!result.warnings().isEmpty()) {
            throw new AssertionError(result.warnings());
        }
        return ((ConfigurationResult.Usable) result).configuration();
    }
}
