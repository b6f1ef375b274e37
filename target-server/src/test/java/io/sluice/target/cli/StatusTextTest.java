package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusTextTest {
    private Path directory;

    @BeforeEach
    void take(@TempDir Path temporary) {
        directory = temporary;
    }

    @Test
    void withoutAServerTheCommandFailsAndSaysSo() {
        CommandRun run =
                new ServerFolder(directory).lun(0, "disk", "").run("status").expect(ExitStatus.FAILED);
        assertTrue(run.err().contains("no server is running with this configuration"), run.err());
        assertTrue(run.err().contains("admin.sock"), run.err());
    }

    @Test
    void aLunThatIsNotServedSaysWhyBelowTheTable() {
        String text = print(Map.of(
                "version",
                "1",
                "process",
                17,
                "state",
                "serving",
                "startedMillis",
                0L,
                "luns",
                List.of(Map.of(
                        "target", "iqn.a",
                        "lun", 0,
                        "volume", "disk",
                        "state", "not served",
                        "failure", "wrong passphrase")),
                "sessions",
                List.of()));
        assertEquals("""
                sluice 1, process 17, serving, for 1 d 01:01:01

                TARGET  LUN  VOLUME  STATE       SIZE  NOT IN BUCKET  OLDEST  JOURNAL  FULL IN  READ CACHE
                iqn.a   0    disk    not served  -     -              -       -        -        -

                iqn.a LUN 0: volume disk is not served: wrong passphrase

                no sessions: no host is logged in
                """, text);
    }

    @Test
    void whatAnOperatorShouldLookAtStandsBelowTheTable() {
        String text = print(Map.of(
                "luns",
                List.of(Map.of(
                        "target", "iqn.a",
                        "lun", 0,
                        "volume", "disk",
                        "state", "fenced",
                        "reason", "another gateway owns the volume; its journal is in /cache/journal",
                        "warnings", List.of("fencing = none: take care"),
                        "damage",
                                Map.of(
                                        "failedReads", 7,
                                        "missingObjects", 2,
                                        "damagedObjects", 1,
                                        "objects",
                                                List.of("disk/segment/1 is missing", "disk/segment/2 is damaged"))))));
        assertTrue(text.contains("""
                iqn.a LUN 0: volume disk is fenced: another gateway owns the volume; its journal is in /cache/journal

                iqn.a LUN 0: volume disk: fencing = none: take care

                iqn.a LUN 0: volume disk is damaged in the bucket: 2 objects missing, 1 not as written; 7 reads of hosts ended with a medium error since it was opened
                  disk/segment/1 is missing
                  disk/segment/2 is damaged
                  and 1 more
                """), text);
    }

    @Test
    void theSpaceOfALunAndWhatItsCollectorDoesStandInATableOfTheirOwn() {
        Map<String, Object> space = Map.of(
                "storedBytes",
                3L << 30,
                "liveBytes",
                2L << 30,
                "amplification",
                1.5,
                "collector",
                "standing back",
                "reason",
                "the journal is more than half full",
                "movedBytes",
                513L,
                "damagedSegments",
                List.of(7, 12));
        String text = print(Map.of("luns", List.of(Map.of("volume", "disk", "space", space)), "sessions", List.of()));
        assertTrue(text.contains("""
                VOLUME  IN BUCKET  NEEDED  TIMES  COLLECTOR                                          MOVED  DAMAGED SEGMENTS
                disk    3 GiB      2 GiB   1.50   standing back: the journal is more than half full  513 B  7 12
                """), text);
    }

    private static String print(Map<String, Object> status) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        new StatusText(status).print(out, Instant.ofEpochSecond(86_400 + 3600 + 60 + 1));
        out.flush();
        return text.toString();
    }

    @Test
    void figuresAreShortForPeople() {
        assertEquals("-", StatusText.size(null));
        assertEquals("513 B", StatusText.size(513));
        assertEquals("12 MiB", StatusText.size((12L << 20) + 12345));
        assertEquals("0.3 s", StatusText.age(349));
        assertEquals("-", StatusText.age(0));
        assertEquals("25 % of 1 GiB", StatusText.part(1 << 28, 1 << 30));
        assertEquals("-", StatusText.part(0, 0));
        assertEquals("-", StatusText.timeToFull(null));
        assertEquals("-", StatusText.timeToFull(-1));
        assertEquals("0 s", StatusText.timeToFull(0));
        assertEquals("59 s", StatusText.timeToFull(59L));
        assertEquals("9 min", StatusText.timeToFull(599));
        assertEquals("2 h 5 min", StatusText.timeToFull(7512));
        assertEquals("3 d 1 h", StatusText.timeToFull(3 * 86_400 + 3700));
    }
}
