package io.sluice.config.schema;

/** A value that its key does not allow: what is wrong with it and what to write instead. */
public final class BadValueException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String instead;

    public BadValueException(String what, String instead) {
        super(what);
        this.what = what;
        this.instead = instead;
    }

    public String what() {
        return what;
    }

    public String instead() {
        return instead;
    }
}
