package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.scsi.ScsiTarget;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The targets of the server. Thread-safe, never blocks; names are normalised (lower case). */
public interface TargetDirectory {
    /** The target of this name, null when there is none. */
    @Nullable
    ScsiTarget find(String targetName);

    /** What discovery shows to this initiator: names it may log in to. */
    List<String> visibleTo(String initiatorName, InetAddress address);

    /** What an initiator at this address meets; {@code targetName} is empty for discovery. */
    default Admission admission(String initiatorName, InetAddress address, String targetName) {
        boolean found = targetName.isEmpty() || find(targetName) != null;
        return found ? Admission.open() : Admission.refused(Admission.Access.NOT_FOUND);
    }
}
