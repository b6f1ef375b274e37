package io.sluice.integration.bench;

import io.sluice.integration.S3ProxyServer;
import java.nio.file.Path;

/**
 * Where peers live.
 *
 * @param directory of one peer alone
 * @param tag in names of buckets: no two stands share one
 * @param store the S3 server of the whole run
 * @param cleanup ends what was started
 */
record Place(Path directory, String tag, S3ProxyServer store, Cleanup cleanup) {}
