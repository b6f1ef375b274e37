package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.iscsi.login.LoginDirectory;
import java.net.InetAddress;

/**
 * The server as the login of one connection sees it.
 *
 * @param address where the initiator is
 */
record ConnectionDirectory(TargetDirectory targets, SessionRegistry registry, InetAddress address)
        implements LoginDirectory {
    @Override
    public Admission admission(String initiatorName, String targetName) {
        return targets.admission(initiatorName, address, targetName);
    }

    @Override
    public boolean sessionExists(int targetSessionIdentifyingHandle) {
        return registry.exists(targetSessionIdentifyingHandle);
    }
}
