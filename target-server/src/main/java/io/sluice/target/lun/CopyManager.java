package io.sluice.target.lun;

import io.sluice.target.scsi.NexusIdentity;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The copy manager of a logical unit (SPC-4 section 5.16): which copies are in progress, and how those ended whose outcome
 * is held. Thread-safe.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>At most {@link CopyLimits#CONCURRENT_COPIES_MAX} copies are in progress.
 *   <li>A list identifier of a nexus names one copy at most; it stays while the copy is in progress.
 *   <li>At most {@link #OUTCOMES_MAX} outcomes are held: the oldest makes room. They end with their nexus and with a reset.
 * </ol>
 */
final class CopyManager {
    static final int OUTCOMES_MAX = 256;

    private final Map<Name, CopyStatus> copies = new LinkedHashMap<>();
    private int inProgress;

    /** What RECEIVE COPY RESULTS asks by. */
    private record Name(NexusIdentity nexus, int listIdentifier) {}

    /** Whether the identifier belongs to a copy in progress. */
    synchronized boolean isInProgress(NexusIdentity nexus, int listIdentifier) {
        CopyStatus copy = copies.get(new Name(nexus, listIdentifier));
        return copy != null && copy.isInProgress();
    }

    /** A copy begins; null when there are too many. */
    synchronized @Nullable CopyStatus begin(NexusIdentity nexus, CopyParameterList list) {
        if (inProgress == CopyLimits.CONCURRENT_COPIES_MAX) {
            return null;
        }
        inProgress++;
        CopyStatus status = new CopyStatus();
        if (list.usage() != CopyParameterList.Usage.NONE) {
            Name name = new Name(nexus, list.listIdentifier());
            copies.remove(name);
            copies.put(name, status);
            dropOldest();
        }
        return status;
    }

    private void dropOldest() {
        Iterator<CopyStatus> oldest = copies.values().iterator();
        while (copies.size() > OUTCOMES_MAX && oldest.hasNext()) {
            if (!oldest.next().isInProgress()) {
                oldest.remove();
            }
        }
    }

    /** The copy is over; {@code held}: its outcome is wanted. */
    synchronized void end(CopyStatus status, boolean held) {
        inProgress--;
        if (!held) {
            copies.values().removeIf(copy -> copy == status);
        }
    }

    /** The copy of this name, null when there is none. */
    synchronized @Nullable CopyStatus find(NexusIdentity nexus, int listIdentifier) {
        return copies.get(new Name(nexus, listIdentifier));
    }

    /** The outcome was told: it is forgotten, unless the copy is in progress. */
    synchronized void told(NexusIdentity nexus, int listIdentifier) {
        if (!isInProgress(nexus, listIdentifier)) {
            copies.remove(new Name(nexus, listIdentifier));
        }
    }

    /** The nexus is gone. */
    synchronized void forget(NexusIdentity nexus) {
        copies.entrySet().removeIf(copy -> copy.getKey().nexus().equals(nexus));
    }

    /** Logical unit reset. */
    synchronized void reset() {
        copies.clear();
    }
}
