/** Sluice and its peers under the same load, in alternation: see integration-tests/BENCHMARKS.md. */
@org.jspecify.annotations.NullMarked
package io.sluice.integration.bench;
