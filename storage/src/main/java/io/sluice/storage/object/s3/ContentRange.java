package io.sluice.storage.object.s3;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A range of bytes as HTTP says it (RFC 9110 section 14.4): both ends count; {@code total} is -1 when not known. */
record ContentRange(long first, long last, long total) {
    private static final Pattern HEADER = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    static ContentRange of(long offset, int length) {
        return new ContentRange(offset, offset + length - 1, -1);
    }

    /** Reads a Content-Range header; null when it is not one. */
    static @Nullable ContentRange parse(String header) {
        Matcher matcher = HEADER.matcher(header);
        if (!matcher.matches()) {
            return null;
        }
        String total = matcher.group(3);
        return new ContentRange(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                "*".equals(total) ? -1 : Long.parseLong(total));
    }

    long length() {
        return last - first + 1;
    }

    /** The Range header that asks for it. */
    String request() {
        return "bytes=" + first + "-" + last;
    }
}
