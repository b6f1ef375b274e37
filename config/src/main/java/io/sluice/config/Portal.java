package io.sluice.config;

/**
 * An address to listen on.
 *
 * @param host name or address; IPv6 addresses without brackets
 * @param port 0 lets the system choose
 */
public record Portal(String host, int port) {
    /** Registered for iSCSI. */
    public static final int USUAL_PORT = 3260;

    private static final int PORT_MAX = 65_535;

    /** Checks the port. */
    public Portal {
        if (port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException("a port is a number from 0 to " + PORT_MAX + ", not " + port);
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException("a portal needs an address, such as 127.0.0.1");
        }
    }

    /**
     * Reads "127.0.0.1:3260", "host", "[::1]:3260" or "[::]".
     *
     * @throws IllegalArgumentException when the text is none of it
     */
    public static Portal parse(String text) {
        String stripped = text.strip();
        int portColon = stripped.lastIndexOf(':');
        boolean bracketed = stripped.startsWith("[") && stripped.contains("]");
        if (!bracketed && portColon != stripped.indexOf(':')) {
            throw new IllegalArgumentException("\"" + stripped + "\" is not a portal: IPv6 addresses take brackets");
        }
        boolean withPort = portColon > stripped.lastIndexOf(']');
        String host = withPort ? stripped.substring(0, portColon) : stripped;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.chars().anyMatch(each -> each <= ' ' || each == '[' || each == ']' || each == '/')) {
            throw new IllegalArgumentException("\"" + stripped + "\" is not a portal: an address, \":\" and a port");
        }
        return new Portal(host, withPort ? parsePort(stripped.substring(portColon + 1)) : USUAL_PORT);
    }

    private static int parsePort(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "a port is a number from 0 to " + PORT_MAX + ", not \"" + text + "\"", e);
        }
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
