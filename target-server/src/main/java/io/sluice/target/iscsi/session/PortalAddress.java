package io.sluice.target.iscsi.session;

import java.net.InetSocketAddress;

/**
 * A portal as discovery tells it.
 *
 * @param address the bound address; may be a wildcard
 * @param groupTag portal group
 */
public record PortalAddress(InetSocketAddress address, int groupTag) {}
