package io.sluice.config.load;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The words of a choice. */
final class Words {
    private Words() {}

    /** The constants in lower case with "-" for "_", in their order. */
    static <E extends Enum<E>> Map<String, E> of(Class<E> type) {
        Map<String, E> words = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) {
            words.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
        }
        return words;
    }
}
