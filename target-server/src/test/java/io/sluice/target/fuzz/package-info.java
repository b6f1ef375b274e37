/** The seeded fuzzer: generated and mutated PDU streams against a live server, with checks of everything around them. */
package io.sluice.target.fuzz;
