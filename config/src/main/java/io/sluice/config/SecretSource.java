package io.sluice.config;

/** Where a secret comes from; read when it is needed, not when the configuration is read. Its text form is safe to show. */
public interface SecretSource {
    /** Reads it. */
    Secret read() throws SecretUnavailableException;

    /** "file /etc/sluice/demo.pass", "environment variable X", "command [vault, ...]": for messages. */
    String describe();

    /** The source did not give a secret; the message names the source, the reason and what to do, never the secret. */
    final class SecretUnavailableException extends Exception {
        private static final long serialVersionUID = 1L;

        /** {@code message} for the operator. */
        public SecretUnavailableException(String message) {
            super(message);
        }
    }
}
