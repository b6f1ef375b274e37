/** A durable block device over an object store; knows nothing of iSCSI. */
@NullMarked
package io.sluice.storage;

import org.jspecify.annotations.NullMarked;
