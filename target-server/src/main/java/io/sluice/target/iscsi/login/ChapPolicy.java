package io.sluice.target.iscsi.login;

import java.util.List;
import java.util.Optional;

/**
 * What one initiator has to prove to one target.
 *
 * @param initiator what it has to know
 * @param target what is proved to it when it asks; empty: it is refused then
 * @param accepted the digests, at least one
 */
public record ChapPolicy(ChapCredential initiator, Optional<ChapCredential> target, List<ChapAlgorithm> accepted) {
    /** Takes a copy; the two secrets must differ (RFC 7143 section 9.2.1). */
    public ChapPolicy {
        accepted = List.copyOf(accepted);
        if (accepted.isEmpty()) {
            throw new IllegalArgumentException("CHAP needs at least one digest");
        }
        if (target.isPresent() && target.get().secret().equals(initiator.secret())) {
            throw new IllegalArgumentException("the target's CHAP secret must differ from the initiator's");
        }
    }
}
