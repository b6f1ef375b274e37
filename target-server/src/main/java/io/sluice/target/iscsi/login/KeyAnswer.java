package io.sluice.target.iscsi.login;

import org.jspecify.annotations.Nullable;

/**
 * The end of the negotiation of one key.
 *
 * @param reply what is sent, null for a declaration that needs no answer
 * @param agreed what holds from now on, null when nothing changes
 */
record KeyAnswer(@Nullable String reply, @Nullable String agreed) {
    static KeyAnswer agreed(String value) {
        return new KeyAnswer(value, value);
    }

    static KeyAnswer declared(String value) {
        return new KeyAnswer(null, value);
    }

    static KeyAnswer onlyReply(String value) {
        return new KeyAnswer(value, null);
    }

    static KeyAnswer none() {
        return new KeyAnswer(null, null);
    }
}
