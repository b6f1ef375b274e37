package io.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class NoticeTest {
    private static final Pattern ENTRY = Pattern.compile("^(\\S+\\.jar) +(\\S+\\.\\S+) +(\\S.*)$");

    private static List<String> entries() throws IOException {
        return Files.readAllLines(Distribution.home().resolve("NOTICE")).stream()
                .map(ENTRY::matcher)
                .filter(Matcher::matches)
                .map(entry -> entry.group(1))
                .toList();
    }

    @Test
    void namesEveryShippedDependencyAndNothingElse() throws IOException {
        List<String> shipped = Distribution.namesIn("lib").stream()
                .filter(name -> !name.startsWith("sluice-"))
                .toList();
        assertTrue(shipped.size() > 50, "the distribution has its libraries");
        assertEquals(shipped, entries().stream().sorted().toList());
    }

    @Test
    void isTheOneOfTheSourceTree() throws IOException {
        assertEquals(
                Files.readString(Distribution.top().resolve("NOTICE")),
                Files.readString(Distribution.home().resolve("NOTICE")));
    }

    @Test
    void shipsNothingThatCallsHomeOrIsUnused() {
        List<String> banned = Distribution.namesIn("lib").stream()
                .filter(name -> name.matches("(chronicle-analytics|jclouds|guice|aspectj|url-connection|aws-crt-client"
                        + "|apache-client|target|junit|s3proxy).*"))
                .toList();
        assertEquals(List.of(), banned);
    }
}
