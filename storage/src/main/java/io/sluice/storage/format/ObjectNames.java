package io.sluice.storage.format;

import io.sluice.storage.runtime.Invariant;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The names of a volume's objects; the only place that knows them. All stand below {@code <volume name>/}, and numbers
 * are written as 16 hexadecimal digits, so that listings (ordered by bytes) are ordered by number:
 *
 * <pre>
 *   demo/manifest/0000000000000007
 *   demo/segment/00000000000004d2
 *   demo/checkpoint/000000000000002a
 *   demo/identity/0000000000000001      copy of the manifest with that number
 * </pre>
 */
public final class ObjectNames {
    private static final Pattern VOLUME_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final int NUMBER_DIGITS = 16;

    private final String volumeName;

    /** For the volume called so: 1-128 of {@code A-Za-z0-9._-}, beginning with a letter or digit. */
    public ObjectNames(String volumeName) {
        if (!isVolumeName(volumeName)) {
            throw new IllegalArgumentException("\"" + volumeName + "\" cannot be a volume's name: use 1 to 128 letters,"
                    + " digits, dots, dashes and underscores, and begin with a letter or digit");
        }
        this.volumeName = volumeName;
    }

    /** Whether a volume may be called so. */
    public static boolean isVolumeName(String name) {
        return VOLUME_NAME.matcher(name).matches();
    }

    /** The volume's name. */
    public String volumeName() {
        return volumeName;
    }

    /** What the names of all objects of the volume begin with. */
    public String prefix() {
        return volumeName + "/";
    }

    public String manifestPrefix() {
        return prefix() + "manifest/";
    }

    public String segmentPrefix() {
        return prefix() + "segment/";
    }

    public String checkpointPrefix() {
        return prefix() + "checkpoint/";
    }

    public String identityPrefix() {
        return prefix() + "identity/";
    }

    /** What the names of objects begin with that test the endpoint. */
    public String probePrefix() {
        return prefix() + "probe/";
    }

    public String manifest(long number) {
        return manifestPrefix() + digits(number);
    }

    public String segment(long number) {
        return segmentPrefix() + digits(number);
    }

    public String checkpoint(long number) {
        return checkpointPrefix() + digits(number);
    }

    /** The copy of manifest {@code number} that keeps the volume's identity. */
    public String identity(long number) {
        return identityPrefix() + digits(number);
    }

    /** The number of the manifest that is called {@code key}; empty when no manifest of the volume is called so. */
    public OptionalLong manifestNumber(String key) {
        return number(manifestPrefix(), key);
    }

    /** The number of the segment that is called {@code key}; empty when no segment of the volume is called so. */
    public OptionalLong segmentNumber(String key) {
        return number(segmentPrefix(), key);
    }

    /** The number of the checkpoint that is called {@code key}; empty when none of the volume's is called so. */
    public OptionalLong checkpointNumber(String key) {
        return number(checkpointPrefix(), key);
    }

    /** The number of the manifest of which {@code key} is the identity copy; empty when none of the volume's is called so. */
    public OptionalLong identityNumber(String key) {
        return number(identityPrefix(), key);
    }

    private static OptionalLong number(String prefix, String key) {
        if (!key.startsWith(prefix) || key.length() != prefix.length() + NUMBER_DIGITS) {
            return OptionalLong.empty();
        }
        long number = 0;
        for (int i = prefix.length(); i < key.length(); i++) {
            int digit = "0123456789abcdef".indexOf(key.charAt(i));
            if (digit < 0) {
                return OptionalLong.empty();
            }
            number = (number << 4) | digit;
        }
        return number < 0 ? OptionalLong.empty() : OptionalLong.of(number);
    }

    private static String digits(long number) {
        Invariant.check(number >= 0, "an object's number is negative", number, 0);
        String hex = Long.toHexString(number);
        return "0".repeat(NUMBER_DIGITS - hex.length()) + hex;
    }
}
