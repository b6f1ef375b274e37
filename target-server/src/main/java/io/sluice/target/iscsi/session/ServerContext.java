package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.net.MemoryBudget;
import java.util.List;
import java.util.function.Supplier;

/**
 * What all connections of a server share.
 *
 * @param negotiation our side of every login
 * @param settings bounds and times
 * @param targets who may use what
 * @param registry all sessions
 * @param limits counts connections
 * @param logins remembers how logins ended
 * @param dataBudget memory for data of all sessions
 * @param portals for discovery
 */
public record ServerContext(
        NegotiationSettings negotiation,
        SessionSettings settings,
        TargetDirectory targets,
        SessionRegistry registry,
        ConnectionLimits limits,
        LoginLedger logins,
        MemoryBudget dataBudget,
        Supplier<List<PortalAddress>> portals) {}
