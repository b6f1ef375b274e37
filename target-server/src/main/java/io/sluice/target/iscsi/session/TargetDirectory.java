package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.login.Authenticator;
import io.sluice.target.iscsi.login.LoginDirectory;
import io.sluice.target.iscsi.login.NoAuthentication;
import io.sluice.target.scsi.ScsiTarget;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The targets of the server. Thread-safe, never blocks; names are normalised (lower case). */
public interface TargetDirectory {
    /** The target of this name, null when there is none. */
    @Nullable
    ScsiTarget find(String targetName);

    /** What discovery shows to this initiator: names it may log in to. */
    List<String> visibleTo(String initiatorName);

    /** Whether the initiator may use the target. */
    default LoginDirectory.Access access(String initiatorName, String targetName) {
        return find(targetName) == null ? LoginDirectory.Access.NOT_FOUND : LoginDirectory.Access.ALLOWED;
    }

    /** Fresh authenticators for one login; {@code targetName} is empty for discovery. */
    default List<Authenticator> authenticators(String initiatorName, String targetName) {
        return List.of(new NoAuthentication());
    }
}
