package io.sluice.storage.simulation;

public final class SimulationMain {
    public static void main(String[] a) throws Exception {
        long from = Long.parseLong(a[0]), to = Long.parseLong(a[1]);
        int failed = 0;
        long t0 = System.nanoTime();
        java.util.Map<String, Integer> kinds = new java.util.TreeMap<>();
        for (long seed = from; seed <= to; seed++) {
            Simulation s = new Simulation(Setup.of(seed), Sabotage.NONE);
            try {
                long t1 = System.nanoTime();
                Simulation.Outcome o = s.run();
                if (a.length > 2 && a[2].equals("v"))
                    System.out.println(seed + " " + o + " " + (System.nanoTime() - t1) / 1000000 + " ms");
            } catch (Throwable t) {
                failed++;
                String m = String.valueOf(t);
                m = m.substring(0, Math.min(a.length > 2 && a[2].equals("t") ? 3000 : 400, m.length()));
                System.out.println("SEED " + seed + " FAILED " + m);
                if (a.length > 2 && a[2].equals("t")) {
                    for (String l : s.trace().last()) System.out.println("   " + l);
                    t.printStackTrace(System.out);
                }
            }
        }
        System.out.println(
                "failed " + failed + " of " + (to - from + 1) + " in " + (System.nanoTime() - t0) / 1000000 + " ms");
        System.exit(0);
    }
}
