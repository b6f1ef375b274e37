package io.sluice.target.admin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import java.util.Map;

/** Maps to JSON text and back, through the configuration library (JSON is a part of HOCON). */
public final class Json {
    /** Nothing of HOCON that JSON lacks: an answer cannot include files. */
    private static final ConfigParseOptions STRICT =
            ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON);

    private Json() {}

    /** One line; keys in order of their names. Values: maps, lists, strings, numbers, booleans. */
    public static String line(Map<String, ?> value) {
        return ConfigValueFactory.fromMap(value).render(ConfigRenderOptions.concise());
    }

    /** Indented, for people who look at it. */
    public static String pretty(Map<String, ?> value) {
        return ConfigValueFactory.fromMap(value)
                .render(ConfigRenderOptions.concise().setFormatted(true));
    }

    /** An object back from its text; {@link IllegalArgumentException} when it is none. */
    public static Map<String, Object> parse(String text) {
        try {
            Config config = ConfigFactory.parseString(text, STRICT);
            return config.root().unwrapped();
        } catch (ConfigException notJson) {
            throw new IllegalArgumentException("not a JSON object", notJson);
        }
    }
}
