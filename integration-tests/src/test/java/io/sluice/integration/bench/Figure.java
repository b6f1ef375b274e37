package io.sluice.integration.bench;

import com.google.errorprone.annotations.Immutable;

/** What can be read from one {@link Measurement}. */
enum Figure {
    IOPS("IOPS", m -> m.result().iops()),
    MIB_PER_SECOND("MiB/s", m -> m.result().mebibytesPerSecond()),
    P50_MICROS("p50 us", m -> m.result().latency().micros(0.5)),
    P99_MICROS("p99 us", m -> m.result().latency().micros(0.99)),
    P999_MICROS("p99.9 us", m -> m.result().latency().micros(0.999)),
    MAX_MILLIS("max ms", m -> m.result().latency().maxMicros() / 1000),
    SERVER_CPU_PER_GIB("server s/GiB", m -> m.serverCpuSeconds() / gibibytes(m)),
    SERVER_CPU_PER_100K("server s/100k", m -> m.serverCpuSeconds() / hundredThousands(m)),
    SETTLED_CPU_PER_GIB("with flush s/GiB", m -> m.settledCpuSeconds() / gibibytes(m)),
    CLIENT_CPU_PER_GIB("client s/GiB", m -> m.clientCpuSeconds() / gibibytes(m)),
    CLIENT_CPU_PER_100K("client s/100k", m -> m.clientCpuSeconds() / hundredThousands(m)),
    PEAK_MIB("peak MiB", m -> m.peakBytes() / 1048576.0),
    PUTS_PER_GIB("PUT/GiB", m -> m.traffic().count("PUT") / gibibytes(m)),
    GETS_PER_GIB("GET/GiB", m -> m.traffic().count("GET") / gibibytes(m)),
    REQUESTS("S3 requests", m -> m.traffic().totalRequests()),
    SENT_PER_BYTE(
            "S3 sent/byte",
            m -> (double) m.traffic().totalSentBytes() / m.result().bytes()),
    RECEIVED_PER_BYTE(
            "S3 read/byte",
            m -> (double) m.traffic().totalReceivedBytes() / m.result().bytes()),
    MOVED_PER_BYTE(
            "moved/byte",
            m -> m.settledFigures().getOrDefault("movedBytes", 0.0) / m.result().bytes()),
    ALLOCATED_PER_IO("garbage B/IO", m -> own(m, "allocatedBytes") / m.result().ios()),
    ALLOCATED_FOR_COMMANDS_PER_IO(
            "of commands B/IO", m -> own(m, "allocatedForCommands") / m.result().ios());

    private static final double IOS = 100_000;

    /** Keeps nothing. */
    @Immutable
    private interface Reader {
        double read(Measurement measurement);
    }

    private final String label;
    private final Reader reader;

    Figure(String label, Reader reader) {
        this.label = label;
        this.reader = reader;
    }

    /** Name with unit, for headings. */
    String label() {
        return label;
    }

    /** NaN when it was not measured. */
    double of(Measurement measurement) {
        return reader.read(measurement);
    }

    private static double own(Measurement m, String name) {
        return m.ownFigures().getOrDefault(name, Double.NaN);
    }

    private static double gibibytes(Measurement m) {
        return m.result().bytes() / (double) (1L << 30);
    }

    private static double hundredThousands(Measurement m) {
        return m.result().ios() / IOS;
    }
}
