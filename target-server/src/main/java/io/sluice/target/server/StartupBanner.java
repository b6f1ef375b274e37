package io.sluice.target.server;

import io.sluice.config.LunSettings;
import io.sluice.config.Portal;
import io.sluice.config.SluiceConfiguration;
import io.sluice.config.StoreSettings;
import io.sluice.target.cli.VersionProvider;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first lines of a server's log: which Sluice, on what, with which configuration, and where the data is. */
final class StartupBanner {
    private static final Logger log = LoggerFactory.getLogger(StartupBanner.class);

    private StartupBanner() {}

    static void log(Path file, SluiceConfiguration configuration) {
        log.info(
                "sluice {}, {}, {} processors, heap up to {} MiB, process {}",
                VersionProvider.sluice(),
                VersionProvider.java(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20,
                ProcessHandle.current().pid());
        log.info(
                "configuration {}: {} LUNs in {} targets, portals {}, admin socket {}",
                file.toAbsolutePath(),
                configuration.luns().size(),
                configuration.targetNames().size(),
                configuration.server().portals().stream().map(Portal::toString).collect(Collectors.joining(", ")),
                configuration.server().adminSocket());
        volumesByStore(configuration.luns())
                .forEach((store, volumes) -> log.info("store {}: volumes {}", store, String.join(", ", volumes)));
    }

    private static Map<String, List<String>> volumesByStore(List<LunSettings> luns) {
        return luns.stream()
                .collect(Collectors.groupingBy(
                        lun -> describe(lun.volume().store()),
                        LinkedHashMap::new,
                        Collectors.mapping(lun -> lun.volume().name(), Collectors.toList())));
    }

    /** Without credentials. */
    private static String describe(StoreSettings store) {
        if (store instanceof StoreSettings.File file) {
            return "directory " + file.directory();
        }
        StoreSettings.S3 s3 = (StoreSettings.S3) store;
        return "s3://" + s3.bucket() + "/" + s3.prefix() + " at "
                + s3.endpoint().map(Object::toString).orElse("AWS, region " + s3.region());
    }
}
