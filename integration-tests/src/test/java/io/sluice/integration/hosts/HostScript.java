package io.sluice.integration.hosts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one or more hosts do to a target, step by step, and what they must get. See {@code hosts/README.md} beside the
 * scripts for how they are written.
 *
 * @param name of the script
 * @param steps in their order; a host does nothing before the step before has ended
 */
record HostScript(String name, List<Step> steps) {
    /** Copies the list. */
    HostScript {
        steps = List.copyOf(steps);
    }

    /** One step and the line it stands in. */
    sealed interface Step {
        int line();

        String host();
    }

    /**
     * A host logs in.
     *
     * @param isid the 48 bits of the initiator session ID
     * @param security keys of the security stage besides the names
     * @param operational keys of the operational stage
     * @param agreed keys that the target must answer, in either stage, with these values
     */
    record Login(
            int line,
            String host,
            String initiatorName,
            long isid,
            int portal,
            Map<String, String> security,
            Map<String, String> operational,
            Map<String, String> agreed)
            implements Step {}

    /** A host closes its connection without a word: crash, or cable pulled. */
    record Vanish(int line, String host) implements Step {}

    /**
     * A host sends a command and waits for its end.
     *
     * @param cdb as written, with {@code $names} still in it
     * @param out what goes out with it
     * @param inBytes how many bytes the host has room for
     */
    record Send(int line, String host, int lun, String remark, Bytes cdb, Bytes out, int inBytes, Expectation expected)
            implements Step {}

    /** What must come back. */
    static final class Expectation {
        private static final String GOOD = "good";

        private String status = GOOD;
        private int length = -1;
        private int overflow;
        private @Nullable Integer every;
        private final List<Part> parts = new ArrayList<>();
        private final List<Kept> kept = new ArrayList<>();

        void status(String value) {
            status = value;
        }

        /** "good", "busy", "conflict", "check KK/CC/QQ" with ".." for any. */
        String status() {
            return status;
        }

        void length(int bytes) {
            length = bytes;
        }

        /** How many bytes must come, -1 for any number. */
        int length() {
            return length;
        }

        void overflow(int bytes) {
            overflow = bytes;
        }

        int overflow() {
            return overflow;
        }

        void every(int value) {
            every = value;
        }

        /** The value of every byte that comes; null when they are not all the same. */
        @Nullable
        Integer every() {
            return every;
        }

        List<Part> parts() {
            return parts;
        }

        List<Kept> kept() {
            return kept;
        }
    }

    /** Bytes that must stand at an offset. */
    record Part(int offset, Bytes bytes) {}

    /** Bytes of the answer that later steps refer to as {@code $name}. */
    record Kept(String name, int offset, int length) {}
}
