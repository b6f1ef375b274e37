package io.sluice.storage.object.s3;

import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Notes the {@code Date} header of each answer: the server's clock, to the second. Thread-safe. */
final class ServerDate implements ExecutionInterceptor {
    private static final Logger log = LoggerFactory.getLogger(ServerDate.class);
    private static final long UNKNOWN = Long.MIN_VALUE;

    private volatile long millis = UNKNOWN;

    /** As of the newest answer. */
    OptionalLong millis() {
        long known = millis;
        return known == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(known);
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
        context.httpResponse().firstMatchingHeader("Date").ifPresent(this::note);
    }

    private void note(String header) {
        try {
            millis = Instant.from(ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME))
                    .toEpochMilli();
        } catch (DateTimeParseException strange) {
            log.debug("the server's Date header cannot be read: {}", header, strange);
        }
    }
}
