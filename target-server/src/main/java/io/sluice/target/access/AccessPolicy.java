package io.sluice.target.access;

import io.sluice.config.ServerSettings;
import io.sluice.storage.runtime.Entropy;
import io.sluice.target.iscsi.login.Admission;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Who may log in, to every target and to discovery. Immutable and with all secrets read: a change of the configuration
 * makes a new one that replaces the old as a whole. Sessions that are open stay.
 */
public final class AccessPolicy {
    private final TargetAccess discovery;
    private final TargetAccess unmentioned;
    private final Map<String, TargetAccess> targets;
    private final Entropy entropy;

    private AccessPolicy(
            TargetAccess discovery, TargetAccess unmentioned, Map<String, TargetAccess> targets, Entropy entropy) {
        this.discovery = discovery;
        this.unmentioned = unmentioned;
        this.targets = Map.copyOf(targets);
        this.entropy = entropy;
    }

    /**
     * Reads all secrets, which may take as long as their commands: not on an event loop. Challenges will come from
     * {@code entropy}.
     *
     * @throws IOException when a secret cannot be had or used; the message says whose and what to do, never the secret
     */
    public static AccessPolicy read(ServerSettings settings, Entropy entropy) throws IOException {
        Map<String, TargetAccess> targets = new HashMap<>();
        for (Map.Entry<String, ServerSettings.TargetSettings> target :
                settings.targets().entrySet()) {
            targets.put(target.getKey(), TargetAccess.read("target " + target.getKey(), target.getValue()));
        }
        return new AccessPolicy(
                TargetAccess.ofDiscovery(settings.discovery()),
                TargetAccess.read("a target", ServerSettings.TargetSettings.DEFAULT),
                targets,
                entropy);
    }

    /**
     * What an initiator meets at a target that exists, or, when {@code targetName} is empty, at discovery. Names are
     * normalised.
     */
    public Admission admission(String initiatorName, InetAddress address, String targetName) {
        return access(targetName).admission(initiatorName, address, entropy);
    }

    /** Whether an initiator may log in to a target, if it can prove what it has to. */
    public boolean admits(String initiatorName, InetAddress address, String targetName) {
        return access(targetName).admits(initiatorName, address);
    }

    /** The rules of a target, or of discovery, in words, without secrets. */
    public String describe(String targetName) {
        return access(targetName).description();
    }

    private TargetAccess access(String targetName) {
        return targetName.isEmpty() ? discovery : targets.getOrDefault(targetName, unmentioned);
    }
}
