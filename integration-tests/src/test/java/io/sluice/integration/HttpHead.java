package io.sluice.integration;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The head of an HTTP request or answer, up to and with the empty line, byte for byte: requests are signed. */
public final class HttpHead {
    private static final int BYTES_MAX = 64 << 10;

    private final String text;

    private HttpHead(String text) {
        this.text = text;
    }

    /** Null at the end of the connection. */
    public static @Nullable HttpHead readFrom(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.write(next);
            boolean fits = next == (matched % 2 == 0 ? '\r' : '\n');
            matched = fits ? matched + 1 : next == '\r' ? 1 : 0;
            if (head.size() > BYTES_MAX) {
                throw new IOException("a head without an end");
            }
        }
        return new HttpHead(head.toString(StandardCharsets.ISO_8859_1));
    }

    /** As it was read. */
    public void writeTo(OutputStream out) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Of the request, or the status line of the answer. */
    public String firstLine() {
        return text.substring(0, text.indexOf('\r'));
    }

    /** Empty when there is none; {@code name} in small letters. */
    public String header(String name) {
        for (String line : text.split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return "";
    }

    /** The same without a header. */
    public HttpHead without(String name) {
        StringBuilder kept = new StringBuilder();
        for (String line : text.substring(0, text.length() - 4).split("\r\n", -1)) {
            if (!line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
                kept.append(line).append("\r\n");
            }
        }
        return new HttpHead(kept.append("\r\n").toString());
    }

    /** Whether the connection ends with this message. */
    public boolean endsConnection() {
        return header("connection").equalsIgnoreCase("close");
    }

    /** Whether the body comes in chunks that tell their sizes. */
    public boolean isChunked() {
        return header("transfer-encoding").equalsIgnoreCase("chunked");
    }

    /** Whether an answer that tells no length has a body until the connection ends. */
    public boolean goesOnUntilEnd() {
        return !firstLine().contains(" 204") && !firstLine().contains(" 304");
    }
}
