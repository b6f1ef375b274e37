package io.sluice.integration.guest;

import io.sluice.integration.ConfigurationFiles;

/**
 * Where guests reach a target, and the words for it in their scripts.
 *
 * @param address an address of this machine's loopback and a port
 */
record Portal(String address) {
    /** The one that every server of the tests has. */
    static Portal of(ConfigurationFiles files) {
        return new Portal("127.0.0.1:" + files.port());
    }

    /** SendTargets, then settings of open-iscsi for what was found. */
    String discover(String... settings) {
        return "discover " + address + quoted(settings) + "\n";
    }

    /** Logs in to the target of a volume, of which there is a record. */
    String login(String volume) {
        return "login " + address + " " + ConfigurationFiles.target(volume) + "\n";
    }

    /** Assigns the device of a LUN to a variable of the script. */
    String disk(String variable, String volume, int lun) {
        return variable + "=$(disk " + address + " " + ConfigurationFiles.target(volume) + " " + lun + ")\n";
    }

    private static String quoted(String... settings) {
        StringBuilder all = new StringBuilder();
        for (String setting : settings) {
            all.append(" '").append(setting).append('\'');
        }
        return all.toString();
    }
}
