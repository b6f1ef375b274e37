package io.sluice.target.server;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of signals. The JDK's own shutdown hooks cannot see a second signal, so the handler of the
 * {@code jdk.unsupported} module is used, by reflection: javac warns of it and the build takes no warnings. Where it is
 * missing, the signals keep their usual effect.
 */
final class Signals {
    private static final Logger log = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /** Calls {@code onSignal} with the signal's name each time one of {@code names} ("TERM") arrives, on its own thread. */
    static void handle(java.util.function.Consumer<String> onSignal, String... names) {
        for (String name : names) {
            try {
                Class<?> signalClass = Class.forName("sun.misc.Signal");
                Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
                Object handler = Proxy.newProxyInstance(
                        Signals.class.getClassLoader(), new Class<?>[] {handlerClass}, (proxy, method, arguments) -> {
                            if (method.getName().equals("handle")) {
                                onSignal.accept(name);
                                return null;
                            }
                            return method.getName().equals("hashCode")
                                    ? (Object) name.hashCode()
                                    : proxy == arguments[0];
                        });
                Object signal = signalClass.getConstructor(String.class).newInstance(name);
                signalClass.getMethod("handle", signalClass, handlerClass).invoke(null, signal, handler);
            } catch (ReflectiveOperationException | IllegalArgumentException missing) {
                log.warn("SIG{} cannot be handled here: it keeps its usual effect", name, missing);
            }
        }
    }

    /** Sends this process the signal {@code name}, as another process would. */
    static void raise(String name) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Object signal = signalClass.getConstructor(String.class).newInstance(name);
            signalClass.getMethod("raise", signalClass).invoke(null, signal);
        } catch (ReflectiveOperationException | IllegalArgumentException missing) {
            throw new IllegalStateException("SIG" + name + " cannot be sent here", missing);
        }
    }
}
