/** Reading every byte of a volume in its bucket: is it all there, is it all sound. */
@NullMarked
package io.sluice.storage.scrub;

import org.jspecify.annotations.NullMarked;
