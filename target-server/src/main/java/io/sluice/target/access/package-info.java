/** Who may use a target and what he has to prove: the configuration's rules, applied to logins and discovery. */
@NullMarked
package io.sluice.target.access;

import org.jspecify.annotations.NullMarked;
