package io.sluice.config.load;

import io.sluice.config.LunSettings;
import io.sluice.config.schema.SectionValues;

/** A LUN's settings beside the values they were made of, so that later checks can blame a line. */
record LunDraft(LunSettings settings, SectionValues values) {}
