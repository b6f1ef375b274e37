package io.sluice.target.server.rehearsal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bucket of the rehearsal answers as S3 does, where an opening or a closing of a volume looks. */
final class RehearsalBucketTest {
    private static final byte[] CONTENT = {1, 2, 3, 4, 5};

    private final HttpClient client = HttpClient.newHttpClient();

    @SuppressWarnings("NullAway.Init")
    private RehearsalBucket bucket;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        bucket = RehearsalBucket.start();
        assertEquals(200, put("volume/object").statusCode());
    }

    @AfterEach
    void stop() {
        bucket.close();
    }

    @Test
    void aHeadTellsTheLength() throws Exception {
        // Without it the SDK waits for its timeout, and making the class archive took 40 s instead of 10.
        HttpResponse<byte[]> head = send(request("volume/object").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertEquals(200, head.statusCode());
        assertEquals(
                CONTENT.length,
                head.headers().firstValueAsLong("Content-Length").orElse(-1));
        assertEquals(0, head.body().length);
    }

    @Test
    void aRangeIsServedAndAMissingObjectIsNotThere() throws Exception {
        HttpResponse<byte[]> range =
                send(request("volume/object").header("Range", "bytes=1-3").GET());
        assertEquals(206, range.statusCode());
        assertArrayEquals(new byte[] {2, 3, 4}, range.body());
        assertEquals(404, send(request("volume/other").GET()).statusCode());
        HttpResponse<byte[]> head = send(request("volume/other").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertEquals(404, head.statusCode());
    }

    @Test
    void aConditionalPutDoesNotReplace() throws Exception {
        assertEquals(412, put("volume/object").statusCode());
    }

    private HttpResponse<byte[]> put(String key) throws IOException, InterruptedException {
        return send(request(key).header("If-None-Match", "*").PUT(HttpRequest.BodyPublishers.ofByteArray(CONTENT)));
    }

    private HttpRequest.Builder request(String key) {
        URI object = URI.create(bucket.endpoint() + "/" + RehearsalBucket.NAME + "/" + key);
        return HttpRequest.newBuilder(object).timeout(Duration.ofSeconds(10));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
