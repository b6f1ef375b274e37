package io.sluice.config;

import java.util.List;
import java.util.Optional;

/**
 * Who may use a target, or discovery.
 *
 * @param chap what initiators have to prove; empty: nothing
 * @param initiators whose name must be one of these; empty: every name
 * @param addresses from one of which they must come; empty: every address
 */
public record AccessSettings(
        Optional<ChapSettings> chap, List<InitiatorPattern> initiators, List<AddressRange> addresses) {
    /** Everybody, with nothing to prove. */
    public static final AccessSettings OPEN = new AccessSettings(Optional.empty(), List.of(), List.of());

    /** Copies the lists. */
    public AccessSettings {
        initiators = List.copyOf(initiators);
        addresses = List.copyOf(addresses);
    }
}
