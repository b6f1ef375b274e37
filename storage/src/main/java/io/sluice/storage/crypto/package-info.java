/** Keys and sealing: Argon2id and key wrapping from Bouncy Castle, AES-GCM and AES-CTR from the JDK. */
@NullMarked
package io.sluice.storage.crypto;

import org.jspecify.annotations.NullMarked;
