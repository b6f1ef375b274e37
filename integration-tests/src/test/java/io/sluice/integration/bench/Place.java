package io.sluice.integration.bench;

import io.sluice.integration.S3ProxyServer;
import java.nio.file.Path;

/**
 * Where peers live.
 *
 * @param directory of one peer alone
 * @param store the S3 server of the whole run
 * @param cleanup ends what was started
 */
record Place(Path directory, S3ProxyServer store, Cleanup cleanup) {}
