package io.sluice.storage.simulation;

import io.sluice.config.ByteSize;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.KdfParameters;
import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.engine.HeldSegments;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestConflictException;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.SimulatedScheduler;
import io.sluice.storage.runtime.SimulationTrace;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.simulation.Gateway.Loss;
import io.sluice.storage.volume.CloseReport;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One seed: a volume lives through rounds of work, trouble and an end of each (close, death of the process, loss of power,
 * loss of the disk, takeover); after each it must be what its hosts were promised.
 */
@SuppressForbidden("seeded generators")
final class Simulation {
    private static final int ROUNDS_MAX = 4;
    private static final int TURNS_MAX = 60;
    private static final int PORTS = 3;
    private static final List<Loss> LOSSES = List.of(Loss.PROCESS, Loss.POWER, Loss.DISK);
    /** Everything ends within this time, once the bucket can be reached. */
    private static final Duration PATIENCE = Duration.ofHours(2);

    private static final int ATTEMPTS_WITH_TROUBLE = 3;
    /** After this time without work everything is at rest: checkpoints are written, what nobody needs is removed. */
    private static final Duration SETTLING = Duration.ofHours(1);

    private final World world;
    private final Random random;
    private final BucketChecker checker;
    private final RequestBound requests;
    private final Durables durables;
    private final Gateway[] gateways;
    private Gateway active;
    private Workload hosts;
    private Loss loss = Loss.PROCESS;
    private boolean closedDrained;
    private boolean verified;
    /** Cache directories from which an opening was begun that did not come to its end. */
    private final Set<String> interrupted = new HashSet<>();

    private @Nullable Workload superseded;
    private @Nullable Gateway supersededGateway;

    /** What a run tells about itself. */
    record Outcome(long traceHash, long events, long operations, long requests, long faults, long looks) {}

    Simulation(Setup setup, Sabotage sabotage) {
        SimulatedScheduler scheduler = new SimulatedScheduler(setup.seed() * 6364136223846793005L + 1);
        MemoryObjectStore bucket = new MemoryObjectStore();
        this.random = new Random(~setup.seed() * 0x9e37_79b9_7f4a_7c15L);
        SimulatedNetwork network = new SimulatedNetwork(scheduler, sabotage.bucket(bucket), random.nextLong());
        this.world = new World(setup, sabotage, scheduler, bucket, network, random);
        this.checker = new BucketChecker(world);
        this.requests = new RequestBound(world);
        this.durables = new Durables(setup.blocks() * BlockHistory.SECTORS);
        this.gateways =
                new Gateway[] {new Gateway(world, "a/", random.nextLong()), new Gateway(world, "b/", random.nextLong())
                };
        this.active = gateways[0];
        this.hosts = newHosts(new ModelVolume(setup.blocksMax() * BlockHistory.SECTORS));
    }

    SimulationTrace trace() {
        return world.scheduler().trace();
    }

    private Workload newHosts(ModelVolume model) {
        return new Workload(world, active, model, durables);
    }

    /** All of it; throws {@link SimulationFailure} when a promise does not hold. */
    Outcome run() throws IOException {
        world.network().listener(this::applied);
        create();
        int rounds = 1 + random.nextInt(ROUNDS_MAX);
        for (int round = 0; round < rounds; round++) {
            bringUp();
            work();
            end();
        }
        bringUp();
        finish();
        return new Outcome(
                trace().hash(),
                trace().events(),
                hosts.operations(),
                world.network().sent(),
                world.network().faults(),
                checker.looks());
    }

    private void applied(ObjectOperation operation, List<String> keys, RequestCause cause) {
        requests.applied(operation, keys, cause);
        checker.applied(operation, keys, cause);
        if (operation == ObjectOperation.DELETE
                && checker.canWalk()
                && !keys.get(0).contains("/probe/")) {
            checkReachable();
        }
    }

    /** What the bucket is told to lead to, and what the gateway that has the volume holds, is there. */
    private void checkReachable() {
        checker.checkReachable(active.isOpen() ? HeldSegments.of(active.opened()) : Set.of());
    }

    // ---------------------------------------------------------------- creating

    private void create() {
        Setup setup = world.setup();
        var plain = SetupTools.unencrypted(setup.settings());
        var created = active.volumes(active.process()).create(plain, new ByteSize((long) setup.blocks() * 4096), 512);
        await(created::isDone, "creating");
        created.join();
        if (setup.encrypted()) {
            encrypt(created.join());
        }
    }

    /** The real cost of a passphrase's derivation is half a second: too much for thousands of openings. */
    private void encrypt(Manifest first) {
        var entropy = active.process().entropy();
        ObjectNames names = new ObjectNames(Setup.NAME);
        VolumeKey key = VolumeKey.generate(entropy);
        var wrapped = KeyWrapping.wrap(key, SetupTools.passphrase(), new KdfParameters(8, 1, 1), entropy);
        world.bucket().remove(names.manifest(1));
        new ManifestStore(world.bucket(), names, entropy)
                .create(
                        first.toBuilder().key(Optional.of(wrapped)).build(),
                        new GcmSealing(key, entropy),
                        RequestCause.ADMIN)
                .join();
    }

    // ---------------------------------------------------------------- opening

    /** Opens and verifies, however often that is interrupted. */
    private void bringUp() throws IOException {
        verified = false;
        for (int attempt = 0; !verified; attempt++) {
            SimulationFailure.unless(attempt < 50, "the volume cannot be opened");
            boolean gently = world.setup().calm() || attempt >= ATTEMPTS_WITH_TROUBLE;
            active.reboot();
            trouble(gently);
            if (!gently && random.nextInt(4) == 0) {
                arm(active);
            }
            if (attempt >= ATTEMPTS_WITH_TROUBLE) {
                world.network().weather(Weather.fine());
            }
            OpenedVolume opened = tryToOpen();
            if (opened != null) {
                durables.check(opened);
                verify();
            }
            if (!verified && !active.isDead()) {
                die(active, Loss.PROCESS);
            }
        }
        active.disarm();
        loss = Loss.PROCESS;
        closedDrained = false;
    }

    private @Nullable OpenedVolume tryToOpen() {
        long faults = world.network().faults();
        requests.opened();
        String directory = active.directory();
        CompletableFuture<OpenedVolume> opening = active.open();
        await(() -> opening.isDone() || active.isDead(), "opening");
        if (active.isDead() || opening.isCompletedExceptionally()) {
            interrupted.add(directory);
        }
        if (active.isDead()) {
            noteLoss();
            return null;
        }
        if (opening.isCompletedExceptionally()) {
            boolean excused = world.network().faults() > faults
                    || active.trouble().hasFailed()
                    || isAnotherOpening(opening, directory);
            if (!excused) {
                opening.join();
            }
            world.scheduler().note("opening failed", "", 0, 0);
            return null;
        }
        active.take(opening.join(), PORTS);
        return opening.join();
    }

    /**
     * An opening from another cache directory died, and its manifest, which raises the epoch, arrives now: nothing tells it
     * from a gateway that opens the volume at this moment. The next opening finds it.
     */
    private boolean isAnotherOpening(CompletableFuture<?> opening, String directory) {
        Throwable failure = opening.handle((value, why) -> Failures.unwrap(why)).join();
        return failure instanceof ManifestConflictException
                && interrupted.stream().anyMatch(other -> !other.equals(directory));
    }

    /** Reads everything, and compares it with what may be there after what was lost. */
    private void verify() {
        long[] found = new long[durables.sectors()];
        int piece = 128;
        for (int from = 0; from < found.length; from += piece) {
            long[] part = readPiece(from, Math.min(piece, found.length - from));
            if (part == null) {
                noteLoss();
                return;
            }
            System.arraycopy(part, 0, found, from, part.length);
        }
        world.scheduler().note("verify", String.valueOf(loss), found.length, 0);
        ModelVolume model = hosts.model();
        String wrong;
        if (superseded != null) {
            wrong = model.foundInBucket(found);
            superseded.successorFound(found);
            hosts = newHosts(model.fork(found));
        } else {
            wrong = switch (loss) {
                case PROCESS -> model.foundAfterProcessDeath(found);
                case POWER -> model.foundAfterPowerLoss(found);
                case DISK -> model.foundAfterLossOfTheDisk(found);
            };
        }
        SimulationFailure.unless(wrong == null, "after " + (superseded == null ? loss : "a takeover") + ": " + wrong);
        verified = true;
    }

    private long @Nullable [] readPiece(int from, int count) {
        String why = "";
        for (int attempt = 0; attempt < 200; attempt++) {
            ByteBuffer destination = ByteBuffer.allocate(count * Sectors.BYTES);
            CompletableFuture<Optional<IoFailure>> read = new CompletableFuture<>();
            active.begin(
                    active.ports().get(0),
                    (on, done) -> on.read((long) from * Sectors.BYTES, destination, done),
                    failure -> read.complete(Optional.ofNullable(failure)));
            await(() -> read.isDone() || active.isDead(), "reading everything");
            if (active.isDead()) {
                return null;
            }
            if (read.join().isEmpty()) {
                return Sectors.stamps(destination, from);
            }
            why = read.join().toString();
            if (attempt >= ATTEMPTS_WITH_TROUBLE) {
                world.network().weather(Weather.fine());
                active.trouble().set(0, 0);
            }
            if (!"open degraded".contains(active.opened().volume().status().state())) {
                SimulationFailure.unless(
                        active.trouble().hasFailed(),
                        "the volume stopped: " + active.opened().volume().status());
                return null;
            }
        }
        throw new SimulationFailure("sectors " + from + "+" + count + " cannot be read: " + why);
    }

    // ---------------------------------------------------------------- working

    private void work() {
        boolean calm = world.setup().calm();
        if (!calm && random.nextInt(3) == 0) {
            arm(active);
        }
        for (int turns = random.nextInt(TURNS_MAX); turns > 0 && !active.isDead(); turns--) {
            if (!calm && random.nextInt(12) == 0) {
                trouble(false);
            }
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                hosts.beginSomething();
            }
            Workload others = superseded;
            if (others != null && supersededGateway != null && !supersededGateway.isDead() && random.nextInt(3) == 0) {
                others.beginSomething();
            }
            letTimeGoOn();
            hosts.checkBounds();
            if (random.nextInt(40) == 0 && !active.isDead()) {
                checker.checkPrefix(hosts.model());
            }
            if (isStopped(active)) {
                return;
            }
        }
    }

    private boolean isStopped(Gateway gateway) {
        if (gateway.isDead()) {
            return true;
        }
        String state = gateway.opened().volume().status().state();
        if (state.equals("open") || state.equals("degraded")) {
            return false;
        }
        SimulationFailure.unless(gateway.trouble().hasFailed(), "the volume stopped without a reason: it is " + state);
        return true;
    }

    private void letTimeGoOn() {
        for (int steps = random.nextInt(40); steps > 0; steps--) {
            step();
        }
        switch (random.nextInt(60)) {
            case 0, 1, 2, 3 -> runFor(Duration.ofMillis(random.nextInt(5000)));
            case 4 -> runFor(Duration.ofSeconds(random.nextInt(100)));
            case 5 -> active.disk().writeBackSome(random.nextLong());
            case 6 -> {
                if (!world.setup().calm() && random.nextInt(4) == 0) {
                    world.network().weather(Weather.outage(random));
                    runFor(Duration.ofMinutes(random.nextInt(300)));
                    world.network().weather(Weather.drawn(random));
                }
            }
            default -> {}
        }
    }

    /** New weather, a slow or failing or full disk; or all of that is over. */
    private void trouble(boolean none) {
        if (none || random.nextInt(3) == 0) {
            world.network().weather(Weather.fine());
            active.trouble().set(0, 0);
            active.disk().limitBytes(Long.MAX_VALUE);
            return;
        }
        world.network().weather(Weather.drawn(random));
        if (world.setup().diskTrouble()) {
            boolean fails = random.nextInt(4) == 0;
            active.trouble().set(fails ? 0.02 : 0, random.nextInt(3) == 0 ? 0.05 : 0);
            if (random.nextInt(5) == 0) {
                active.trouble().noteFull();
                active.disk().limitBytes(active.disk().usedBytes() + random.nextInt(200_000));
            }
        }
    }

    private void arm(Gateway gateway) {
        Loss what = LOSSES.get(random.nextInt(LOSSES.size()));
        switch (random.nextInt(3)) {
            case 0 -> gateway.arm(what, Gateway.Trigger.DISK_OPERATION, 1 + random.nextInt(60));
            case 1 -> gateway.arm(what, Gateway.Trigger.REQUEST, 1 + random.nextInt(30));
            default -> gateway.arm(what, Gateway.Trigger.STEP, 1 + random.nextInt(600));
        }
    }

    // ---------------------------------------------------------------- ending

    private void end() throws IOException {
        endOfTheSuperseded();
        if (!active.isDead()) {
            int kind = random.nextInt(world.setup().takeovers() ? 7 : 5);
            switch (kind) {
                case 0, 1 -> close();
                case 2 -> die(active, Loss.PROCESS);
                case 3 -> die(active, Loss.POWER);
                case 4 -> die(active, Loss.DISK);
                default -> takeOver();
            }
        }
        if (active.isDead()) {
            noteLoss();
            hosts.forget();
        }
    }

    private void die(Gateway gateway, Loss how) {
        gateway.die(how);
        if (gateway == active) {
            noteLoss();
            hosts.forget();
        }
    }

    /** The worst of what happened since the volume was verified counts. */
    private void noteLoss() {
        Loss latest = active.death();
        if (latest != null && latest.compareTo(loss) > 0) {
            loss = latest;
        }
    }

    private void close() throws IOException {
        if (!world.setup().calm() && random.nextInt(4) == 0) {
            arm(active);
        }
        long beganAt = hosts.model().tick();
        boolean quiet = hosts.isQuiet();
        CompletableFuture<CloseReport> closing = active.close();
        await(() -> closing.isDone() || active.isDead(), "closing");
        if (active.isDead()) {
            return;
        }
        if (closing.isCompletedExceptionally()) {
            if (!active.trouble().hasFailed()) {
                closing.join();
            }
        } else if (closing.join().drained()) {
            closedDrained = !active.trouble().hasFailed();
        }
        active.disarm();
        if (closedDrained) {
            hosts.model().inBucket(quiet ? hosts.model().tick() : beganAt);
        }
        // Whatever still runs of the process finds closed files.
        active.disk().crashProcess();
        active.process().kill();
        hosts.forget();
        if (random.nextInt(3) == 0) {
            active.replaceDisk();
            loss = Loss.DISK;
        }
    }

    /** The other gateway opens the volume, while this one goes on, or sleeps. */
    private void takeOver() throws IOException {
        Gateway old = active;
        old.disarm();
        old.supersede();
        if (random.nextBoolean()) {
            old.stop(true);
        }
        superseded = hosts;
        supersededGateway = old;
        active = old == gateways[0] ? gateways[1] : gateways[0];
        if (random.nextInt(3) == 0) {
            active.replaceDisk();
        } else {
            active.disk().crashProcess();
        }
    }

    /** A gateway that was superseded finds that out, and whatever it still drained is where it said. */
    private void endOfTheSuperseded() {
        Gateway old = supersededGateway;
        Workload oldHosts = superseded;
        superseded = null;
        supersededGateway = null;
        if (old == null || oldHosts == null) {
            return;
        }
        if (!old.isDead() && !old.trouble().hasFailed() && random.nextInt(4) > 0) {
            old.stop(false);
            oldHosts.forgive();
            world.network().weather(Weather.fine());
            old.disk().limitBytes(Long.MAX_VALUE);
            oldHosts.beginWriteAndDrain();
            await(() -> isOver(old) || old.isDead() || active.isDead(), "the superseded gateway learning of it");
            await(
                    () -> oldHosts.isQuiet() || old.isDead() || active.isDead(),
                    () -> "the superseded gateway's answers: " + oldHosts.pending());
        }
        if (!old.isDead()) {
            die(old, random.nextBoolean() ? Loss.PROCESS : Loss.POWER);
        }
        oldHosts.forget();
    }

    /** It knows that it was superseded, or its disk failed first, which stops it as well. */
    private static boolean isOver(Gateway old) {
        var volume = old.opened().volume();
        return volume.status().state().equals("fenced") || (old.trouble().hasFailed() && volume.stopReason() != null);
    }

    /** Everything is well again: then everything is answered, drained, and quiet. */
    private void finish() throws IOException {
        trouble(true);
        endOfTheSuperseded();
        for (int i = 0; i < 12; i++) {
            hosts.beginSomething();
            step();
        }
        await(hosts::isQuiet, () -> "all answers: " + hosts.pending());
        hosts.drain();
        await(hosts::isQuiet, "the last drain");
        runFor(SETTLING);
        if (isStopped(active)) {
            return;
        }
        String state = active.opened().volume().status().state();
        SimulationFailure.unless(state.equals("open"), "after all trouble is over the volume is " + state);
        checker.checkPrefix(hosts.model());
        long sent = world.network().sent();
        runFor(Duration.ofHours(2));
        SimulationFailure.unless(
                world.network().sent() == sent,
                "an idle volume has sent " + (world.network().sent() - sent) + " requests in two hours");
        if (world.setup().calm() && !world.setup().takeovers()) {
            requests.check(hosts);
        }
        checkLeftovers();
    }

    private void checkLeftovers() throws IOException {
        if (!checker.canWalk()) {
            return;
        }
        checkReachable();
        List<String> left = checker.unreachable();
        for (String key : left) {
            SimulationFailure.unless(
                    checker.arrivedAfterTheLastSweep(key), "nobody reaches, and nobody removes: " + left);
        }
        if (!left.isEmpty()) {
            reopen();
            left.retainAll(checker.unreachable());
            SimulationFailure.unless(left.isEmpty(), "the next opening does not remove: " + left);
        }
    }

    /** Who looks once after an opening cannot know what comes later; the next opening does. */
    private void reopen() throws IOException {
        active.disarm();
        CompletableFuture<CloseReport> closing = active.close();
        await(closing::isDone, "closing at the end");
        active.disk().crashProcess();
        active.process().kill();
        hosts.forget();
        bringUp();
        trouble(true);
        runFor(SETTLING);
    }

    // ---------------------------------------------------------------- time

    private boolean step() {
        boolean more = world.scheduler().step();
        active.noteStep();
        return more;
    }

    private void runFor(Duration time) {
        world.scheduler().runFor(time);
    }

    private void await(BooleanSupplier done, String what) {
        await(done, () -> what);
    }

    private void await(BooleanSupplier done, Supplier<String> what) {
        long limit = world.scheduler().nowNanos() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            boolean more = step();
            if (!more && !done.getAsBoolean()) {
                throw new SimulationFailure("the simulation came to rest; not done: " + what.get());
            }
            SimulationFailure.unless(world.scheduler().nowNanos() < limit, "not done for hours: " + what.get());
        }
    }
}
