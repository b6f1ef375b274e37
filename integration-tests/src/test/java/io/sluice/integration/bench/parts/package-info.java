/** JMH benchmarks of single parts: see integration-tests/BENCHMARKS.md. Never run with the tests. */
@NullMarked
package io.sluice.integration.bench.parts;

import org.jspecify.annotations.NullMarked;
