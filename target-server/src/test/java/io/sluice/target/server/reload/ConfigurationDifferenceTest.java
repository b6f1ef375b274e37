package io.sluice.target.server.reload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.LunSettings;
import io.sluice.config.ServerSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.VolumeSettings;
import io.sluice.target.cli.ServerFolder;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files before, files after: what a reload would do. */
class ConfigurationDifferenceTest {
    private static final String OTHER_TARGET = "iqn.2026-11.io.sluice.test:others";

    private ServerFolder folder;

    private SluiceConfiguration before;

    @BeforeEach
    void twoLuns(@TempDir Path directory) {
        folder = new ServerFolder(directory).lun(0, "first", "").lun(1, "second", "");
        before = folder.load();
    }

    /** All LUNs open, with the sizes of the files. */
    private ReloadPlan plan() {
        return plan(before.luns().stream()
                .map(lun -> new RunningLun(lun, true, lun.size().bytes()))
                .toList());
    }

    private ReloadPlan plan(List<RunningLun> running) {
        return ConfigurationDifference.of(before.server(), running, folder.load());
    }

    private static List<String> texts(ReloadPlan plan) {
        assertEquals(List.of(), plan.refusals());
        return plan.actions().stream()
                .map(action -> action.text().replace(ServerFolder.TARGET, "T").replace(OTHER_TARGET, "O"))
                .toList();
    }

    private void edit(String file, String from, String to) throws IOException {
        String text = Files.readString(folder.path(file));
        assertTrue(text.contains(from), text);
        Files.writeString(folder.path(file), text.replace(from, to));
    }

    private void delete(String volume) throws IOException {
        Files.delete(folder.path("luns.d/" + volume + ".conf"));
    }

    @Test
    void nothingIsDoneWhenTheFilesSayWhatIs() {
        assertEquals(List.of(), texts(plan()));
    }

    @Test
    void whatGoesGoesBeforeWhatComesAndGrowthIsBetween() throws IOException {
        delete("second");
        folder.lun(7, "third", "");
        edit("luns.d/first.conf", "\nsize = 1 MiB", "\nsize = 3 MiB");
        assertEquals(
                List.of(
                        "T LUN 1 (volume second): removed",
                        "T LUN 0 (volume first): grown from 1 MiB to 3 MiB",
                        "T LUN 7 (volume third): added"),
                texts(plan()));
    }

    @Test
    void aVolumeThatMovesIsRemovedBeforeItIsAdded() throws IOException {
        edit("luns.d/second.conf", "lun = 1", "lun = 5");
        assertEquals(List.of("T LUN 1 (volume second): removed", "T LUN 5 (volume second): added"), texts(plan()));
    }

    @Test
    void anotherVolumeUnderTheSameNumberIsAnotherLun() throws IOException {
        delete("second");
        folder.lun(1, "third", "");
        assertEquals(List.of("T LUN 1 (volume second): removed", "T LUN 1 (volume third): added"), texts(plan()));
    }

    @Test
    void hostsOfATargetThatVanishesAreSentAwayBeforeItsLunsGo() throws IOException {
        edit("luns.d/first.conf", ServerFolder.TARGET, OTHER_TARGET);
        edit("luns.d/second.conf", ServerFolder.TARGET, OTHER_TARGET);
        assertEquals(
                List.of(
                        "T: target removed",
                        "T LUN 0 (volume first): removed",
                        "T LUN 1 (volume second): removed",
                        "O LUN 0 (volume first): added",
                        "O LUN 1 (volume second): added"),
                texts(plan()));
    }

    @Test
    void looksAndLogAreChangedOnline() throws IOException {
        folder.lun(0, "first", "read-only = true\nvendor = ACME");
        edit("sluice.conf", "event-loops = 1", "event-loops = 1\nlog.level = DEBUG");
        assertEquals(
                List.of(
                        "log: level DEBUG, format TEXT",
                        "T LUN 0 (volume first): read-only (false -> true), vendor (SLUICE -> ACME)"),
                texts(plan()));
    }

    @Test
    void settingsOfATargetAreItsAccess() throws IOException {
        edit(
                "sluice.conf",
                "event-loops = 1",
                "event-loops = 1\ntargets { \"" + ServerFolder.TARGET + "\" { alias = disks } }");
        assertEquals(List.of("access: settings of target T"), texts(plan()));
    }

    @Test
    void everythingThatCannotBeChangedOnlineIsNamed() throws IOException {
        edit("sluice.conf", "127.0.0.1:0", "127.0.0.1:3261");
        edit("sluice.conf", "event-loops = 1", "event-loops = 2\nbusy-poll-max = 50 us\nlimits.sessions = 17");
        folder.lun(0, "first", "block-size = 4096\nflush.max-age = 9 s\ndurability = s3\ncache-directory = here");
        edit("luns.d/second.conf", "index.memory = 1 MiB", "index.memory = 2 MiB");
        List<String> refusals = plan().refusals();
        for (String name : List.of(
                "portals (",
                "event-loops (1 -> 2)",
                "busy-poll-max (100 us -> 50 us)",
                "limits can",
                " block-size (512 -> 4096)",
                "cache-directory (",
                "durability (LOCAL -> S3)",
                "flush.max-age (",
                "index.memory (1 MiB -> 2 MiB)")) {
            assertEquals(
                    1, refusals.stream().filter(text -> text.contains(name)).count(), name + " in " + refusals);
        }
        assertEquals(9, refusals.size(), refusals.toString());
    }

    @Test
    void theSizeThatCountsIsTheVolumesOwn() {
        List<RunningLun> larger = before.luns().stream()
                .map(lun -> new RunningLun(lun, true, 2 << 20))
                .toList();
        List<String> refusals = plan(larger).refusals();
        assertEquals(2, refusals.size());
        assertTrue(refusals.get(0).contains("has 2 MiB and cannot become smaller (1 MiB)"), refusals.get(0));
    }

    @Test
    void aLunThatIsNotOpenIsTriedAgainWithWhateverTheFilesSay() throws IOException {
        edit("luns.d/first.conf", "index.memory = 1 MiB", "index.memory = 2 MiB\nblock-size = 4096");
        List<RunningLun> running = before.luns().stream()
                .map(lun -> new RunningLun(lun, lun.lun() == 1, lun.lun() << 20))
                .toList();
        assertEquals(List.of("T LUN 0 (volume first): added"), texts(plan(running)));
    }

    /** A new setting is nobody's by default: whoever adds one decides here what a reload does with it. */
    @Test
    void everySettingHasItsPlace() {
        assertEquals(
                Set.of(
                        "portals",
                        "advertised",
                        "adminSocket",
                        "dataDirectory",
                        "eventLoops",
                        "busyPollMax",
                        "limits",
                        "log",
                        "discovery",
                        "targets",
                        "portalGroups",
                        "sessionTimes"),
                components(ServerSettings.class));
        assertEquals(
                Set.of(
                        "targetName",
                        "lun",
                        "size",
                        "logicalBlockBytes",
                        "physicalBlockBytes",
                        "readOnly",
                        "vendor",
                        "product",
                        "volume",
                        "file"),
                components(LunSettings.class));
        assertEquals(
                Set.of(
                        "name",
                        "cacheDirectory",
                        "store",
                        "encryption",
                        "compressionLevel",
                        "durability",
                        "journal",
                        "flush",
                        "readCache",
                        "index",
                        "checkpoint",
                        "collector",
                        "fencing",
                        "takeover",
                        "readWait"),
                components(VolumeSettings.class));
        int leaves = 0;
        for (Class<?> nested : List.of(
                VolumeSettings.Journal.class,
                VolumeSettings.Flush.class,
                VolumeSettings.ReadCache.class,
                VolumeSettings.Index.class,
                VolumeSettings.Checkpoint.class,
                VolumeSettings.Collector.class)) {
            leaves += components(nested).size();
        }
        assertEquals(
                leaves,
                FixedSettings.LUN.stream()
                        .filter(setting -> setting.name().contains("."))
                        .count());
    }

    private static Set<String> components(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
