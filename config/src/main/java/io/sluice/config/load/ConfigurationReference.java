package io.sluice.config.load;

import io.sluice.config.schema.ReferencePage;

/** The reference of all keys, as it stands in {@code config/REFERENCE.md}; a test keeps the two the same. */
public final class ConfigurationReference {
    private static final String TITLE = """
            # Configuration reference

            <!-- Generated from the declarations in io.sluice.config.load. To write it anew, from the top directory:
                 mvn -pl config test -Dtest=ConfigurationReferenceTest -Dsluice.reference.write=true -->

            Sluice reads one server file and every `*.conf` file in its `luns.d` directory. `sluice config check` reads
            them without starting anything and tells every mistake with its file and line.""";

    private static final String RULES = """
            ## How files are written

            - The files are HOCON: `key = value`, sections in braces or as `section.key`, `#` for comments. A key set to
              `null` has its default.
            - `include "file"` takes in another file, if it exists; `include required("file")` insists on it. Only files
              can be included.
            - `${key}` stands for the value of another key of the same file or, failing that, for an environment
              variable; `${?key}` may be missing.
            - Relative paths are relative to the directory of the file in which they are written.
            - Sizes: a number and a unit. `k`, `KiB`, `M`, `MiB`, `G`, `GiB`, `T`, `TiB` are powers of 1024; `kB`, `MB`,
              `GB`, `TB` are powers of 1000; without a unit, bytes.
            - Durations: a number and `us`, `ms`, `s`, `m`, `h` or `d`, or the long names (`seconds`, `minutes`, ...). The
              unit is mandatory.
            - Secrets are never written into these files. Where one is needed, exactly one source is named:
              `{ file = "/path" }`, `{ env = NAME }` or `{ command = ["/path", "argument"] }`.
            - An unknown key is a mistake, and so is every other thing that Sluice does not understand.""";

    private ConfigurationReference() {}

    /** The page. */
    public static String markdown() {
        return new ReferencePage()
                .text(TITLE)
                .text(RULES)
                .file("LUN file: `luns.d/*.conf`", LunSchema.ROOT)
                .file("Server file: `sluice.conf`", ServerSchema.ROOT)
                .markdown();
    }
}
