package io.sluice.config;

import java.util.List;

/** What reading the configuration gave. */
public sealed interface ConfigurationResult {
    /** What somebody should look at, though it does not keep the configuration from being used. */
    List<ConfigurationMistake> warnings();

    /** Nothing is wrong. */
    record Usable(SluiceConfiguration configuration, List<ConfigurationMistake> warnings)
            implements ConfigurationResult {}

    /** Everything that is wrong; at least one mistake, in the order of files and lines. */
    record Unusable(List<ConfigurationMistake> mistakes, List<ConfigurationMistake> warnings)
            implements ConfigurationResult {
        /** One line per mistake. */
        public String text() {
            return String.join(
                    "\n", mistakes.stream().map(ConfigurationMistake::text).toList());
        }
    }
}
