package io.sluice.target.admin;

import java.util.List;
import java.util.Map;

/** A question on the admin socket whose answer may take long; asked on a thread of its own. */
@FunctionalInterface
public interface AdminQuestion {
    /** The answer to the question with {@code words} behind its name; {@code "error"} in it for the client to fail with. */
    Map<String, ?> answer(List<String> words) throws InterruptedException;
}
