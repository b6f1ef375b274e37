package io.sluice.config.secret;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A secret in an environment variable. */
public final class EnvironmentSecret implements SecretSource {
    private final String variable;
    private final Map<String, String> environment;

    /** {@code environment} is the one of the process, or a test's. */
    public EnvironmentSecret(String variable, Map<String, String> environment) {
        this.variable = variable;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Secret read() throws SecretUnavailableException {
        String value = environment.get(variable);
        if (value == null) {
            throw new SecretUnavailableException(describe() + " is not set; set it where Sluice is started");
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return SecretBytes.secretOf(bytes, bytes.length, this);
    }

    @Override
    public String describe() {
        return "environment variable " + variable;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EnvironmentSecret that && variable.equals(that.variable);
    }

    @Override
    public int hashCode() {
        return variable.hashCode();
    }

    @Override
    public String toString() {
        return describe();
    }
}
