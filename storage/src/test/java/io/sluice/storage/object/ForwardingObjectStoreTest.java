package io.sluice.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A method with a default implementation that is not passed on would hide what the store behind knows. */
final class ForwardingObjectStoreTest {
    private static final Map<Class<?>, Object> ARGUMENTS = Map.of(
            String.class,
            "some/key",
            ByteBuffer.class,
            ByteBuffer.allocate(7),
            PutCondition.class,
            PutCondition.IF_ABSENT,
            RequestCause.class,
            RequestCause.GC,
            List.class,
            List.of("some/key"),
            long.class,
            8L,
            int.class,
            9);
    private static final Map<Class<?>, Object> RESULTS = Map.of(
            CompletableFuture.class,
            new CompletableFuture<>(),
            OptionalLong.class,
            OptionalLong.of(10),
            String.class,
            "some place");

    private final List<String> reached = new ArrayList<>();
    private final ObjectStore behind = (ObjectStore) Proxy.newProxyInstance(
            ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                reached.add(call(method, arguments));
                return RESULTS.get(method.getReturnType());
            });

    private static String call(Method method, Object[] arguments) {
        return method.getName() + Arrays.toString(arguments == null ? new Object[0] : arguments);
    }

    @Test
    void everyMethodReachesTheStoreBehindAsItIs() throws ReflectiveOperationException {
        ObjectStore front = new ForwardingObjectStore(behind) {};
        List<String> asked = new ArrayList<>();
        for (Method method : ObjectStore.class.getMethods()) {
            if (!Modifier.isStatic(method.getModifiers())) {
                Object[] arguments = Arrays.stream(method.getParameterTypes())
                        .map(ARGUMENTS::get)
                        .toArray();
                asked.add(call(method, arguments));
                assertSame(RESULTS.get(method.getReturnType()), method.invoke(front, arguments), method.getName());
            }
        }
        assertEquals(asked, reached);
    }
}
