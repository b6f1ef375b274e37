package io.sluice.storage.object;

/** The operations of {@link ObjectStore}, for counting and for rules that differ between them. */
public enum ObjectOperation {
    GET("get", false),
    GET_RANGE("getRange", false),
    PUT("put", true),
    PUT_IF_ABSENT("putIfAbsent", true),
    PUT_IF_MATCH("putIfMatch", true),
    HEAD("head", false),
    LIST("list", false),
    DELETE("delete", true);

    private final String label;
    private final boolean mutating;

    ObjectOperation(String label, boolean mutating) {
        this.label = label;
        this.mutating = mutating;
    }

    /** The operation a put with {@code condition} counts as. */
    public static ObjectOperation of(PutCondition condition) {
        return switch (condition) {
            case ALWAYS -> PUT;
            case IF_ABSENT -> PUT_IF_ABSENT;
        };
    }

    /** "getRange": as metrics show it. */
    public String label() {
        return label;
    }

    /** True when it changes what is stored, so that a lost answer leaves the outcome open. */
    public boolean isMutating() {
        return mutating;
    }
}
