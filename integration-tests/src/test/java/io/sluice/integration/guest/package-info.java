/**
 * Tests with a real Linux kernel as the initiator: guests under QEMU's software emulation, which needs neither rights nor a
 * processor that can virtualise. How they are made is told in {@code integration-tests/guest/README.md}.
 */
@NullMarked
package io.sluice.integration.guest;

import org.jspecify.annotations.NullMarked;
