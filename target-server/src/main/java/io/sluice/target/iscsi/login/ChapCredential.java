package io.sluice.target.iscsi.login;

import io.sluice.config.Secret;

/**
 * A user name and its secret.
 *
 * @param user CHAP_N: plain text, whatever it looks like
 * @param secret never shown
 */
public record ChapCredential(String user, Secret secret) {}
