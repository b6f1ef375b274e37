/** A volume in the bucket, looked at without changing anything: view, restore, check. */
@NullMarked
package io.sluice.storage.inspection;

import org.jspecify.annotations.NullMarked;
