package io.sluice.storage.object;

import java.util.List;

/** One page of a listing, ascending by key; {@code more} when objects stand behind the last one. */
public record ObjectPage(List<ObjectHead> objects, boolean more) {
    /** Copies the list. */
    public ObjectPage {
        objects = List.copyOf(objects);
    }
}
