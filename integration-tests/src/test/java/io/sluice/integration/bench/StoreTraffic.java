package io.sluice.integration.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * What went to and from an object store.
 *
 * @param requests by kind: PUT, GET, HEAD, DELETE, LIST, POST
 * @param sentBytes bodies of requests, by kind
 * @param receivedBytes bodies of answers, by kind
 */
record StoreTraffic(Map<String, Long> requests, Map<String, Long> sentBytes, Map<String, Long> receivedBytes) {
    static final StoreTraffic NONE = new StoreTraffic(Map.of(), Map.of(), Map.of());

    StoreTraffic {
        requests = Map.copyOf(requests);
        sentBytes = Map.copyOf(sentBytes);
        receivedBytes = Map.copyOf(receivedBytes);
    }

    /** What has come since. */
    StoreTraffic since(StoreTraffic earlier) {
        return new StoreTraffic(
                difference(requests, earlier.requests),
                difference(sentBytes, earlier.sentBytes),
                difference(receivedBytes, earlier.receivedBytes));
    }

    long count(String kind) {
        return requests.getOrDefault(kind, 0L);
    }

    long totalRequests() {
        return sum(requests);
    }

    long totalSentBytes() {
        return sum(sentBytes);
    }

    long totalReceivedBytes() {
        return sum(receivedBytes);
    }

    /** The kind of an HTTP request by its first line. */
    static String kind(String requestLine) {
        String[] words = requestLine.split(" ", -1);
        boolean lists = words[0].equals("GET") && words[1].matches("/[^/?]*/?(\\?.*)?");
        return lists ? "LIST" : words[0];
    }

    private static long sum(Map<String, Long> values) {
        return values.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, Long> difference(Map<String, Long> now, Map<String, Long> before) {
        Map<String, Long> difference = new TreeMap<>();
        now.forEach((kind, value) -> {
            long more = value - before.getOrDefault(kind, 0L);
            if (more != 0) {
                difference.put(kind, more);
            }
        });
        return difference;
    }
}
