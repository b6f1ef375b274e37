/** The volume's state in the bucket: a series of numbered objects, each created only if absent. */
@NullMarked
package io.sluice.storage.manifest;

import org.jspecify.annotations.NullMarked;
