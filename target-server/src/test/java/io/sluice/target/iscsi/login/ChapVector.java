package io.sluice.target.iscsi.login;

import io.sluice.config.Secret;
import io.sluice.storage.runtime.Entropy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One whole exchange of each digest, computed with another implementation than the one under test: identifier 2Ah and a
 * challenge 01 02 03 ... from us, identifier 7 and 24 bytes 55h from the initiator.
 *
 * @param response CHAP_R of the initiator, in hexadecimal
 * @param responseBase64 the same in base64
 * @param proof CHAP_R of the target, in hexadecimal
 * @param proofBase64 the same in base64
 */
record ChapVector(ChapAlgorithm algorithm, String response, String responseBase64, String proof, String proofBase64) {
    static final String USER = "host1";
    static final Secret SECRET = Secret.ofText("fourteen-bytes");
    static final String TARGET_USER = "the target";
    static final Secret TARGET_SECRET = Secret.ofText("target-secret");
    static final String CHALLENGE = "0x" + "55".repeat(24);
    static final String CHALLENGE_BASE64 = "0b" + "V".repeat(32);

    static final List<ChapVector> ALL = List.of(
            new ChapVector(
                    ChapAlgorithm.MD5,
                    "0xc1c474f1d975d7e9225e16edf8cc7d5b",
                    "0bwcR08dl11+kiXhbt+Mx9Ww==",
                    "0x3d5048026088da78ef3474f53e41471e",
                    "0bPVBIAmCI2njvNHT1PkFHHg=="),
            new ChapVector(
                    ChapAlgorithm.SHA_1,
                    "0x78dde15996c388a568a090ae2511fd9cc62d4669",
                    "0beN3hWZbDiKVooJCuJRH9nMYtRmk=",
                    "0xf5b677dd610f9cc6477399f193980ce6c9912bb6",
                    "0b9bZ33WEPnMZHc5nxk5gM5smRK7Y="),
            new ChapVector(
                    ChapAlgorithm.SHA_256,
                    "0x24c77e6ad3ca957f842de78ec1b9bcd381b878310699cd930489f32ef50dc37e",
                    "0bJMd+atPKlX+ELeeOwbm804G4eDEGmc2TBInzLvUNw34=",
                    "0xd1641f78f69bdd4f6f3b6c1939a25eed372d42f53874ad82aa468bd69ca53f87",
                    "0b0WQfePab3U9vO2wZOaJe7TctQvU4dK2CqkaL1pylP4c="),
            new ChapVector(
                    ChapAlgorithm.SHA3_256,
                    "0x41573d7e9cdf3090b8c2c8ccde4e9c5e8646fe49e4fb4500a20104ff56c294b1",
                    "0bQVc9fpzfMJC4wsjM3k6cXoZG/knk+0UAogEE/1bClLE=",
                    "0x0f39cf7d44b5edd841956fef8c831aaa69f69dc1eec72e9c0b8218240602a640",
                    "0bDznPfUS17dhBlW/vjIMaqmn2ncHuxy6cC4IYJAYCpkA="));

    /** Our challenge, as CHAP_C shows it. */
    String ourChallenge() {
        StringBuilder text = new StringBuilder("0x");
        for (int i = 1; i <= algorithm.digestBytes(); i++) {
            text.append(String.format("%02x", i));
        }
        return text.toString();
    }

    static ChapPolicy policy(ChapAlgorithm... accepted) {
        return new ChapPolicy(
                new ChapCredential(USER, SECRET),
                Optional.of(new ChapCredential(TARGET_USER, TARGET_SECRET)),
                Arrays.asList(accepted));
    }

    static ChapPolicy oneWay(String user) {
        return new ChapPolicy(new ChapCredential(user, SECRET), Optional.empty(), List.of(ChapAlgorithm.values()));
    }

    /** One byte is the identifier, more are the challenge. */
    static Entropy entropy() {
        return destination -> {
            for (int i = 0; i < destination.length; i++) {
                destination[i] = (byte) (destination.length == 1 ? 0x2a : i + 1);
            }
        };
    }
}
