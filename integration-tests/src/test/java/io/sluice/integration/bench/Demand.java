package io.sluice.integration.bench;

/**
 * What a workload asks of a peer when that is started.
 *
 * @param luns how many
 * @param lunBytes size of each, a multiple of 1 MiB
 * @param digests the last LUN asks for CRC32C of headers, as far as the load generator can
 * @param cold runs begin without local copies, of what was written once from beginning to end
 */
record Demand(int luns, long lunBytes, boolean digests, boolean cold) {}
