package io.sluice.target.cli;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;

/** A secret that was read already: once, and before anything is changed. */
record KnownSecret(Secret secret, String describe) implements SecretSource {
    /** Reads it; fails with a message for the operator. */
    static KnownSecret read(SecretSource source) {
        try {
            return new KnownSecret(source.read(), source.describe());
        } catch (SecretUnavailableException failure) {
            throw new CommandFailure(ExitStatus.FAILED, FailureText.of(failure));
        }
    }

    @Override
    public Secret read() {
        return secret;
    }

    @Override
    public String toString() {
        return describe;
    }
}
