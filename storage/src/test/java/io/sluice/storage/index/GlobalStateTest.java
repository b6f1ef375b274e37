package io.sluice.storage.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.hash.VanillaGlobalMutableState;
import net.openhft.chronicle.hash.VanillaGlobalMutableState$$Native;
import net.openhft.chronicle.values.ValueModel;
import net.openhft.chronicle.values.Values;
import net.openhft.compiler.CompilerUtils;
import org.junit.jupiter.api.Test;

/** The state in the head of an index file: ours in place of the one that Chronicle Map generates and compiles. */
final class GlobalStateTest {
    private static final int BYTES = 25;
    private static final List<Consumer<VanillaGlobalMutableState>> CHANGES = List.of(
            state -> state.setAllocatedExtraTierBulks(0x00ab_cdef),
            state -> state.setFirstFreeTierIndex(0xfe_dcba_9876L),
            state -> state.setExtraTiersInUse(0x12_3456_789aL),
            state -> state.setSegmentHeadersOffset(0xf0e1_d2c3L),
            state -> state.setDataStoreSize(0x7123_4567_89ab_cdefL),
            state -> state.setAllocatedExtraTierBulks(1),
            state -> state.setFirstFreeTierIndex(0),
            state -> state.setExtraTiersInUse((1L << 40) - 1),
            state -> state.setSegmentHeadersOffset(0),
            state -> state.setDataStoreSize(5),
            state -> state.addDataStoreSize(7));

    @Test
    void theLibraryFindsItAndCompilesNothing() {
        assertSame(VanillaGlobalMutableState$$Native.class, Values.nativeClassFor(VanillaGlobalMutableState.class));
        assertSame(
                LeafTable.class.getProtectionDomain().getCodeSource(),
                VanillaGlobalMutableState$$Native.class.getProtectionDomain().getCodeSource());
    }

    @Test
    void hasTheLayoutThatThisVersionOfTheLibraryGenerates() throws ReflectiveOperationException {
        VanillaGlobalMutableState ours = on(new VanillaGlobalMutableState$$Native());
        VanillaGlobalMutableState generated = on(generated());
        assertEquals(generated.maxSize(), ours.maxSize());
        for (Consumer<VanillaGlobalMutableState> change : CHANGES) {
            change.accept(ours);
            change.accept(generated);
            for (int at = 0; at < BYTES; at++) {
                assertEquals(memoryOf(generated).readByte(at), memoryOf(ours).readByte(at), "byte " + at);
            }
            assertEquals(generated.getAllocatedExtraTierBulks(), ours.getAllocatedExtraTierBulks());
            assertEquals(generated.getFirstFreeTierIndex(), ours.getFirstFreeTierIndex());
            assertEquals(generated.getExtraTiersInUse(), ours.getExtraTiersInUse());
            assertEquals(generated.getSegmentHeadersOffset(), ours.getSegmentHeadersOffset());
            assertEquals(generated.getDataStoreSize(), ours.getDataStoreSize());
        }
        assertEquals(12, ours.getDataStoreSize());
    }

    @Test
    void refusesWhatDoesNotFit() {
        VanillaGlobalMutableState state = on(new VanillaGlobalMutableState$$Native());
        assertThrows(IllegalArgumentException.class, () -> state.setAllocatedExtraTierBulks(1 << 24));
        assertThrows(IllegalArgumentException.class, () -> state.setFirstFreeTierIndex(1L << 40));
        assertThrows(IllegalArgumentException.class, () -> state.setSegmentHeadersOffset(-1));
        assertThrows(IllegalArgumentException.class, () -> state.bytesStore(memoryOf(state), 0, BYTES + 1));
    }

    private static <S extends VanillaGlobalMutableState> S on(S state) {
        state.bytesStore(BytesStore.nativeStoreWithFixedCapacity(BYTES), 0, BYTES);
        return state;
    }

    private static BytesStore<?, ?> memoryOf(VanillaGlobalMutableState state) {
        return Objects.requireNonNull(state.bytesStore());
    }

    private static VanillaGlobalMutableState generated() throws ReflectiveOperationException {
        String name = "VanillaGlobalMutableState$$Generated";
        Method generator = Class.forName("net.openhft.chronicle.values.Generators")
                .getDeclaredMethod("generateNativeClass", ValueModel.class, String.class);
        generator.setAccessible(true);
        String source = (String) generator.invoke(null, ValueModel.acquire(VanillaGlobalMutableState.class), name);
        return (VanillaGlobalMutableState) CompilerUtils.CACHED_COMPILER
                .loadFromJava(
                        VanillaGlobalMutableState.class.getClassLoader(),
                        VanillaGlobalMutableState.class.getPackageName() + "." + name,
                        source)
                .getConstructor()
                .newInstance();
    }
}
