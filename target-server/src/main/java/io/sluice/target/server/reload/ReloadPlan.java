package io.sluice.target.server.reload;

import java.util.List;

/**
 * What a reload would do.
 *
 * @param actions to carry out, in this order
 * @param refusals what the files want and a running server cannot do, one sentence each; when there are any, nothing is
 *     carried out
 */
public record ReloadPlan(List<ReloadAction> actions, List<String> refusals) {
    /** Copies the lists. */
    public ReloadPlan {
        actions = List.copyOf(actions);
        refusals = List.copyOf(refusals);
    }
}
