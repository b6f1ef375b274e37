package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.admin.Json;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

final class ReportsTest {
    private static final Results RESULTS = SampleResults.of(
            "write-4k-q32", Map.of("sluice", List.of(300.0, 310.0, 290.0), "tgt-file", List.of(200.0, 200.0, 200.0)));

    @Test
    void theTableTellsMediansRatiosAndVerdicts() {
        List<String> lines = TextReport.lines(RESULTS);
        assertTrue(lines.stream().anyMatch(line -> line.matches(" +tgt-file +1\\.50 +0%.*")), lines::toString);
        assertTrue(
                lines.stream().anyMatch(line -> line.matches(" +reached +1\\.50 .*: sluice / tgt-file")),
                lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.contains("not measured")), lines::toString);
    }

    @Test
    void requestsAndBytesAreToldByKind() {
        List<String> lines = TextReport.lines(RESULTS);
        assertTrue(
                lines.contains("  S3 requests of sluice: GET 1, 0.00 MiB sent, 2.00 MiB received; "
                        + "PUT 3, 4.00 MiB sent, 0.00 MiB received"),
                lines::toString);
    }

    @Test
    void theJsonHoldsEveryMeasurement() {
        Map<String, Object> all = Json.parse(JsonReport.text(RESULTS));
        List<?> measurements = assertInstanceOf(List.class, all.get("measurements"));
        assertEquals(6, measurements.size());
        Map<?, ?> first = assertInstanceOf(Map.class, measurements.get(0));
        assertEquals(3000, assertInstanceOf(Number.class, first.get("ios")).intValue());
        assertFalse(JsonReport.text(RESULTS).contains("NaN"));
    }

    @Test
    void thePageIsWellFormedAndNeedsNothingElse() throws Exception {
        String page = HtmlReport.text(RESULTS);
        assertFalse(page.contains("http://") || page.contains("https://") || page.contains("src="), page);
        assertTrue(page.contains("&lt;2&gt;"), page);
        String xml = page.replace("<!doctype html>", "").replace("<meta charset=\"utf-8\">", "");
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        assertEquals(2, document.getElementsByTagName("svg").getLength());
        assertEquals(4, document.getElementsByTagName("polyline").getLength());
    }
}
