package io.sluice.target.server;

import io.sluice.storage.engine.OpenedVolume;
import io.sluice.target.admin.AdminQuestion;
import io.sluice.target.cli.FailureText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code drain NAME SECONDS}: waits until everything that was acknowledged before is in the bucket. The name is that of
 * the volume.
 */
final class DrainQuestion implements AdminQuestion {
    private static final Logger log = LoggerFactory.getLogger(DrainQuestion.class);
    private static final long SECONDS_MAX = Duration.ofDays(1).toSeconds();

    private final ServedLuns luns;

    DrainQuestion(ServedLuns luns) {
        this.luns = luns;
    }

    @Override
    public Map<String, ?> answer(List<String> words) throws InterruptedException {
        if (words.size() != 2 || !words.get(1).matches("[0-9]{1,9}")) {
            return Map.of("error", "write: drain VOLUME SECONDS");
        }
        String name = words.get(0);
        OpenedVolume opened = find(name);
        if (opened == null) {
            return Map.of("error", "no open volume is called \"" + name + "\"; \"sluice status\" shows them");
        }
        return drain(name, opened, Math.min(SECONDS_MAX, Long.parseLong(words.get(1))));
    }

    private @Nullable OpenedVolume find(String name) {
        return luns.all().stream()
                .filter(lun -> lun.settings().volume().name().equals(name))
                .findFirst()
                .map(ServedLun::opened)
                .orElse(null);
    }

    private static Map<String, ?> drain(String name, OpenedVolume opened, long seconds) throws InterruptedException {
        long startNanos = System.nanoTime();
        try {
            long sequence = opened.volume().drain().get(seconds, TimeUnit.SECONDS);
            long millis = (System.nanoTime() - startNanos) / 1_000_000;
            return Map.of("volume", name, "sequence", sequence, "tookMillis", millis);
        } catch (TimeoutException slow) {
            log.debug("drain of volume {} takes longer than {} s", name, seconds, slow);
            return Map.of(
                    "error",
                    "after " + seconds + " s, " + opened.volume().status().dirtyBytes() + " bytes of volume " + name
                            + " are not in the bucket yet; they stay in the journal and go on being sent");
        } catch (ExecutionException failed) {
            return Map.of("error", "volume " + name + " cannot be drained: " + FailureText.of(failed));
        }
    }
}
