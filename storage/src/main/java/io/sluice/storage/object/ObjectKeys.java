package io.sluice.storage.object;

import io.sluice.storage.object.ObjectStoreException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a store, checked the same way by every implementation. The rules for keys stand in {@link
 * ObjectStore}; they are narrow enough for every server and every file system.
 */
public final class ObjectKeys {
    /** Longest key. */
    public static final int KEY_LENGTH_MAX = 512;

    /** Longest part between two slashes: what any file system takes as a file name, with room for a suffix. */
    public static final int PART_LENGTH_MAX = 200;

    /** Most objects of one page. */
    public static final int PAGE_OBJECTS_MAX = 1000;

    private ObjectKeys() {}

    /** True for a key as {@link ObjectStore} defines it. */
    public static boolean isValid(String key) {
        if (key.isEmpty() || key.length() > KEY_LENGTH_MAX) {
            return false;
        }
        int partStart = 0;
        for (int i = 0; i <= key.length(); i++) {
            if (i == key.length() || key.charAt(i) == '/') {
                if (!isPart(key, partStart, i)) {
                    return false;
                }
                partStart = i + 1;
            }
        }
        return true;
    }

    /** Fails with {@code INVALID} unless {@code key} is one. */
    public static void requireKey(String key) throws ObjectStoreException {
        if (!isValid(key)) {
            throw invalid(
                    "'" + key + "' is not an object key: 1-512 characters of A-Z a-z 0-9 . _ / -, parts of 1-200");
        }
    }

    /** Fails with {@code INVALID} unless {@code range} is one that could be asked for. */
    public static void requireRange(String key, long offset, int length) throws ObjectStoreException {
        requireKey(key);
        if (offset < 0 || length < 1 || offset > Long.MAX_VALUE - length) {
            throw invalid("bytes " + offset + "+" + length + " of '" + key + "' are not a range");
        }
    }

    /** Fails with {@code INVALID} unless a listing could be asked for like this. */
    public static void requireListing(String prefix, @Nullable String startAfter, int limit)
            throws ObjectStoreException {
        if (limit < 1 || limit > PAGE_OBJECTS_MAX) {
            throw invalid("a page of " + limit + " objects cannot be listed, only 1-" + PAGE_OBJECTS_MAX);
        }
        if (!isFragment(prefix)) {
            throw invalid("'" + prefix + "' cannot be the beginning of an object key");
        }
        if (startAfter != null && !isFragment(startAfter)) {
            throw invalid("a listing cannot begin behind '" + startAfter + "': no object key is like it");
        }
    }

    private static boolean isFragment(String text) {
        if (text.length() > KEY_LENGTH_MAX) {
            return false;
        }
        return text.chars().allMatch(c -> c == '/' || isPartCharacter((char) c));
    }

    private static boolean isPart(String key, int from, int to) {
        if (to == from || to - from > PART_LENGTH_MAX) {
            return false;
        }
        boolean dotsOnly = true;
        for (int i = from; i < to; i++) {
            char c = key.charAt(i);
            if (!isPartCharacter(c)) {
                return false;
            }
            dotsOnly &= c == '.';
        }
        return !dotsOnly;
    }

    private static boolean isPartCharacter(char c) {
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        boolean digit = c >= '0' && c <= '9';
        return letter || digit || c == '.' || c == '_' || c == '-';
    }

    private static ObjectStoreException invalid(String message) {
        return new ObjectStoreException(Kind.INVALID, message, null);
    }
}
