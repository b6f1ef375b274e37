package io.sluice.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Addresses with a common prefix (CIDR), IPv4 or IPv6. Immutable. */
public final class AddressRange {
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final int OCTET_MAX = 255;

    private final InetAddress network;
    private final int prefixBits;

    private AddressRange(InetAddress network, int prefixBits) {
        this.network = network;
        this.prefixBits = prefixBits;
    }

    /**
     * Reads "10.0.0.0/8", "192.0.2.7", "fd00::/8" or "::1"; without a prefix length it is that one address.
     *
     * @throws IllegalArgumentException when the text is none of it; names are never looked up
     */
    public static AddressRange parse(String text) {
        String stripped = text.strip();
        int slash = stripped.indexOf('/');
        InetAddress address = literal(slash < 0 ? stripped : stripped.substring(0, slash), stripped);
        int bitsMax = address.getAddress().length * Byte.SIZE;
        int bits = slash < 0 ? bitsMax : prefixLength(stripped.substring(slash + 1), bitsMax, stripped);
        InetAddress network = masked(address, bits);
        if (!network.equals(address)) {
            throw new IllegalArgumentException("\"" + stripped + "\" has bits set behind its prefix; the range is "
                    + network.getHostAddress() + "/" + bits);
        }
        return new AddressRange(network, bits);
    }

    private static InetAddress literal(String text, String whole) {
        boolean sound = IPV6.matcher(text).matches() || (IPV4.matcher(text).matches() && areOctets(text));
        try {
            if (sound) {
                return InetAddress.getByName(text);
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("\"" + whole + "\" is not an address or a range of addresses", e);
        }
        throw new IllegalArgumentException("\"" + whole + "\" is not an address or a range of addresses");
    }

    private static boolean areOctets(String text) {
        for (String octet : text.split("\\.", -1)) {
            if (Integer.parseInt(octet) > OCTET_MAX) {
                return false;
            }
        }
        return true;
    }

    private static int prefixLength(String text, int bitsMax, String whole) {
        boolean number = text.matches("[0-9]{1,3}");
        if (!number || Integer.parseInt(text) > bitsMax) {
            throw new IllegalArgumentException(
                    "\"" + whole + "\" has no prefix length from 0 to " + bitsMax + " behind the \"/\"");
        }
        return Integer.parseInt(text);
    }

    private static InetAddress masked(InetAddress address, int bits) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.max(0, Math.min(Byte.SIZE, bits - (i * Byte.SIZE)));
            bytes[i] = (byte) (bytes[i] & (0xff << (Byte.SIZE - kept)));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has " + bytes.length + " bytes", e);
        }
    }

    /** Whether the address is one of these; an IPv4 address never is one of an IPv6 range. */
    public boolean contains(InetAddress address) {
        return address.getAddress().length == network.getAddress().length
                && masked(address, prefixBits).equals(network);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRange that && prefixBits == that.prefixBits && network.equals(that.network);
    }

    @Override
    public int hashCode() {
        return 31 * network.hashCode() + prefixBits;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        boolean single = prefixBits == network.getAddress().length * Byte.SIZE;
        return network.getHostAddress() + (single ? "" : "/" + prefixBits);
    }
}
