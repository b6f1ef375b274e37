package io.sluice.config;

import java.nio.file.Path;

/**
 * One thing that is wrong in a configuration file. Never holds a secret.
 *
 * @param file as the operator knows it: relative to the directory of the server file when it is below that
 * @param line counted from 1; 0 when no line is to blame
 * @param path of the key, "" when none is to blame
 * @param what is wrong
 * @param whatToWriteInstead a phrase like {@code write for example "5 s"}
 */
public record ConfigurationMistake(Path file, int line, String path, String what, String whatToWriteInstead) {
    /** {@code luns.d/a.conf:12: flush.max-age: "5 parsecs" is not a duration; write for example "5 s"}. */
    public String text() {
        StringBuilder text = new StringBuilder().append(file);
        if (line > 0) {
            text.append(':').append(line);
        }
        text.append(": ");
        if (!path.isEmpty()) {
            text.append(path).append(": ");
        }
        return text.append(what).append("; ").append(whatToWriteInstead).toString();
    }

    @Override
    public String toString() {
        return text();
    }
}
