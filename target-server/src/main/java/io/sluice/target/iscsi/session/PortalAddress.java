package io.sluice.target.iscsi.session;

import java.net.InetSocketAddress;

/**
 * A portal as discovery tells it.
 *
 * @param address the bound address, which may be a wildcard; or an unresolved one, which is told as it is
 * @param groupTag portal group
 */
public record PortalAddress(InetSocketAddress address, int groupTag) {}
