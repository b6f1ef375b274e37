package io.sluice.storage.object;

/** What is known of an object without its content: {@code sizeBytes} and the server's opaque {@code entityTag}. */
public record ObjectHead(String key, long sizeBytes, String entityTag) {}
