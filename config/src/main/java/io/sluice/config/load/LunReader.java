package io.sluice.config.load;

import io.sluice.config.LunSettings;
import io.sluice.config.schema.Section;
import io.sluice.config.schema.SectionReader;
import io.sluice.config.schema.SectionValues;
import io.sluice.config.tree.MistakeLog;
import io.sluice.config.tree.Node;
import io.sluice.config.tree.Node.Table;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Makes a LUN of its file and the server file's defaults. */
final class LunReader {
    private final MistakeLog log;
    private final VolumeReader volumes;
    private final Optional<Table> defaults;

    LunReader(MistakeLog log, VolumeReader volumes, Optional<Table> defaults) {
        this.log = log;
        this.volumes = volumes;
        this.defaults = defaults;
    }

    LunDraft read(Path file, Table root) {
        Table merged =
                defaults.map(behind -> merge(root, behind, LunSchema.ROOT)).orElse(root);
        SectionValues values = new SectionReader(log).read(LunSchema.ROOT, merged);
        volumes.checkAligned(values, LunSchema.SIZE);
        checkBlocks(values);
        LunSettings settings = new LunSettings(
                values.get(LunSchema.TARGET),
                values.get(LunSchema.LUN),
                values.get(LunSchema.SIZE),
                values.get(LunSchema.BLOCK_SIZE),
                values.get(LunSchema.PHYSICAL_BLOCK_SIZE),
                values.get(LunSchema.READ_ONLY),
                values.get(LunSchema.VENDOR),
                values.get(LunSchema.PRODUCT),
                volumes.read(values),
                log.shown(file));
        return new LunDraft(settings, values);
    }

    private void checkBlocks(SectionValues values) {
        int logical = values.get(LunSchema.BLOCK_SIZE);
        if (values.get(LunSchema.PHYSICAL_BLOCK_SIZE) < logical) {
            log.mistake(
                    values.place(LunSchema.PHYSICAL_BLOCK_SIZE),
                    values.path(LunSchema.PHYSICAL_BLOCK_SIZE),
                    "a physical block is not shorter than a logical one, which has " + logical + " bytes",
                    "write 4096, or leave it out");
        }
    }

    /** Values keep the places where they stand, in whichever file. */
    private static Table merge(Table front, Table behind, Section section) {
        Map<String, Node> merged = new LinkedHashMap<>(front.children());
        behind.children()
                .forEach((name, node) -> merged.merge(name, node, (own, fallback) -> {
                    Optional<Section> child = section.sections().stream()
                            .filter(each -> each.name().equals(name) && !each.whole())
                            .findFirst();
                    boolean tables = own instanceof Table && fallback instanceof Table;
                    return child.isPresent() && tables ? merge((Table) own, (Table) fallback, child.get()) : own;
                }));
        return new Table(merged, front.place());
    }
}
