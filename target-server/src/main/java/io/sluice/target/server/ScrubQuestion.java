package io.sluice.target.server;

import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.scrub.ScrubControl;
import io.sluice.storage.scrub.ScrubOptions;
import io.sluice.target.admin.AdminQuestion;
import io.sluice.target.cli.ScrubAnswers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code scrub NAME start default|none|BYTES-PER-SECOND resume|anew}, {@code scrub NAME status}, {@code scrub NAME stop}:
 * answered with how far it is, and with the report when it is over.
 */
final class ScrubQuestion implements AdminQuestion {
    private static final String USAGE = "write: scrub VOLUME start default|none|BYTES-PER-SECOND resume|anew,"
            + " scrub VOLUME status, or scrub VOLUME stop";
    /** For the object under way to be read. */
    private static final long STOP_SECONDS = 20;

    private final ServedLuns luns;

    ScrubQuestion(ServedLuns luns) {
        this.luns = luns;
    }

    @Override
    public Map<String, ?> answer(List<String> words) throws InterruptedException {
        if (words.size() < 2) {
            return Map.of("error", USAGE);
        }
        OpenedVolume opened = find(words.get(0));
        if (opened == null) {
            return Map.of("error", "no open volume is called \"" + words.get(0) + "\"; \"sluice status\" shows them");
        }
        ScrubControl scrub = opened.scrub();
        return switch (words.get(1)) {
            case "start" -> start(words, scrub);
            case "status" -> status(words.get(0), scrub);
            case "stop" -> stop(words.get(0), scrub);
            default -> Map.of("error", USAGE);
        };
    }

    private static Map<String, ?> start(List<String> words, ScrubControl scrub) {
        if (words.size() != 4
                || !words.get(2).matches("default|none|[1-9][0-9]{0,17}")
                || !words.get(3).matches("resume|anew")) {
            return Map.of("error", USAGE);
        }
        ScrubOptions options = options(words.get(2));
        // One that runs already goes on as it is: whoever asks looks on.
        boolean unused = scrub.start(words.get(3).equals("anew") ? options.anew() : options);
        return status(words.get(0), scrub);
    }

    private static ScrubOptions options(String speed) {
        return switch (speed) {
            case "default" -> ScrubOptions.ONLINE;
            case "none" -> ScrubOptions.ONLINE.bandwidth(OptionalLong.empty());
            default -> ScrubOptions.ONLINE.bandwidth(OptionalLong.of(Long.parseLong(speed)));
        };
    }

    private static Map<String, ?> status(String name, ScrubControl scrub) {
        Map<String, Object> answer = new HashMap<>(ScrubAnswers.of(scrub.progress()));
        answer.put("volume", name);
        scrub.report().ifPresent(report -> answer.put("report", ScrubAnswers.of(name, report)));
        return answer;
    }

    private static Map<String, ?> stop(String name, ScrubControl scrub) throws InterruptedException {
        scrub.stop();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        while (!scrub.outcome().isDone() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return status(name, scrub);
    }

    private @Nullable OpenedVolume find(String name) {
        return luns.all().stream()
                .filter(lun -> lun.settings().volume().name().equals(name))
                .findFirst()
                .map(ServedLun::opened)
                .orElse(null);
    }
}
