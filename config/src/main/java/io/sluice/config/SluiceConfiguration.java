package io.sluice.config;

import java.util.List;

/** Everything that the files say. {@code luns} are in the order of targets and LUN numbers. */
public record SluiceConfiguration(ServerSettings server, List<LunSettings> luns) {
    /** Copies the list. */
    public SluiceConfiguration {
        luns = List.copyOf(luns);
    }

    /** The names of all targets, in order. */
    public List<String> targetNames() {
        return luns.stream().map(LunSettings::targetName).distinct().toList();
    }
}
