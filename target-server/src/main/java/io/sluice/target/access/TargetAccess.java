package io.sluice.target.access;

import io.sluice.config.AccessSettings;
import io.sluice.config.ServerSettings.DigestChoice;
import io.sluice.config.ServerSettings.TargetSettings;
import io.sluice.storage.runtime.Entropy;
import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.iscsi.login.Admission.Access;
import io.sluice.target.iscsi.login.Authenticator;
import io.sluice.target.iscsi.login.ChapAuthenticator;
import io.sluice.target.iscsi.login.ChapPolicy;
import io.sluice.target.iscsi.login.DigestPolicy;
import io.sluice.target.iscsi.login.NoAuthentication;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Who may log in to one target, or to discovery.
 *
 * @param lists names and addresses
 * @param chap empty: nothing to prove
 * @param description in words
 */
record TargetAccess(
        AccessSettings lists,
        Optional<ChapCredentials> chap,
        Optional<String> alias,
        Admission.Digests digests,
        String description) {
    static TargetAccess read(String whose, TargetSettings settings) throws IOException {
        Optional<ChapCredentials> chap = settings.access().chap().isPresent()
                ? Optional.of(
                        ChapCredentials.read(whose, settings.access().chap().get()))
                : Optional.empty();
        Admission.Digests digests =
                new Admission.Digests(policy(settings.headerDigest()), policy(settings.dataDigest()));
        return new TargetAccess(settings.access(), chap, settings.alias(), digests, AccessText.of(settings));
    }

    static TargetAccess ofDiscovery(AccessSettings access) throws IOException {
        return read("discovery", new TargetSettings(Optional.empty(), access, DigestChoice.ALLOW, DigestChoice.ALLOW));
    }

    private static DigestPolicy policy(DigestChoice choice) {
        return switch (choice) {
            case NONE -> DigestPolicy.NONE;
            case ALLOW -> DigestPolicy.ALLOWED;
            case PREFER -> DigestPolicy.PREFERRED;
            case REQUIRE -> DigestPolicy.REQUIRED;
        };
    }

    /** An initiator without a credential could never prove itself: it is not let in at all. */
    boolean admits(String initiatorName, InetAddress address) {
        return isListed(initiatorName, address)
                && (chap.isEmpty() || chap.get().policyFor(initiatorName).isPresent());
    }

    private boolean isListed(String initiatorName, InetAddress address) {
        boolean name = lists.initiators().isEmpty()
                || lists.initiators().stream().anyMatch(pattern -> pattern.matches(initiatorName));
        boolean place =
                lists.addresses().isEmpty() || lists.addresses().stream().anyMatch(range -> range.contains(address));
        return name && place;
    }

    Admission admission(String initiatorName, InetAddress address, Entropy entropy) {
        if (!isListed(initiatorName, address)) {
            return Admission.refused(Access.FORBIDDEN);
        }
        Optional<Authenticator> authenticator = chap.isEmpty()
                ? Optional.of(new NoAuthentication())
                : chap.get()
                        .policyFor(initiatorName)
                        .map((ChapPolicy policy) -> new ChapAuthenticator(policy, entropy));
        return authenticator
                .map(one -> new Admission(Access.ALLOWED, List.of(one), alias, Optional.of(digests)))
                .orElseGet(() -> Admission.refused(Access.FORBIDDEN));
    }
}
