package io.sluice.storage.object;

/** Is told of every attempt after the first: it costs a request too. */
@FunctionalInterface
public interface RetryListener {
    /** {@code operation} is about to be tried again because of {@code reason}. Short; any thread. */
    void retrying(ObjectOperation operation, RequestCause cause, ObjectStoreException reason);
}
