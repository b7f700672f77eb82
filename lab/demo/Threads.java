import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A small multi-threaded program that looks at itself from inside: every thread asks the kernel which process
 * it belongs to, then computes. Usage: Threads [threads, default 8] [seconds, default 2].
 * Prints key=value lines; exit status 1 when the threads are not all one process, 2 on a bad argument.
 */
public final class Threads {
    /** What one thread saw: its thread group (the process), its own id, and how much it computed. */
    private record Seen(long processId, long threadId, long rounds, long checksum) {}

    public static void main(String[] args) throws Exception {
        int threads = positive(args, 0, 8);
        int seconds = positive(args, 1, 2);
        System.out.println("host=" + Files.readString(Path.of("/proc/sys/kernel/hostname")).trim());
        System.out.println("threads=" + threads);
        System.out.println("maxHeapMiB=" + (Runtime.getRuntime().maxMemory() >> 20));
        System.out.println("processors=" + Runtime.getRuntime().availableProcessors());
        System.out.println("pid=" + ProcessHandle.current().pid());
        List<Seen> seen = runAll(threads, seconds);
        long rounds = seen.stream().mapToLong(Seen::rounds).sum();
        long distinct = seen.stream().mapToLong(Seen::threadId).distinct().count();
        boolean oneProcess = seen.stream().allMatch(one -> one.processId() == ProcessHandle.current().pid());
        boolean allWorked = seen.stream().allMatch(one -> one.rounds() > 0);
        System.out.println("rounds=" + rounds);
        System.out.println("distinctThreads=" + distinct);
        System.out.println("oneProcess=" + oneProcess);
        System.exit(oneProcess && allWorked && distinct == threads ? 0 : 1);
    }

    private static List<Seen> runAll(int threads, int seconds) throws InterruptedException, ExecutionException {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Callable<Seen> task = () -> work(seconds * 1_000_000_000L);
            List<Seen> seen = new ArrayList<>();
            for (Future<Seen> future : pool.invokeAll(java.util.Collections.nCopies(threads, task))) seen.add(future.get());
            return seen;
        }
    }

    /** Runs a linear congruential generator for the given time; at least one round of a million steps. */
    private static Seen work(long forNanos) throws java.io.IOException {
        long endNanos = System.nanoTime() + forNanos;
        long state = Thread.currentThread().threadId();
        long rounds = 0;
        do {
            for (int step = 0; step < 1_000_000; step++) state = state * 6364136223846793005L + 1442695040888963407L;
            rounds++;
        } while (System.nanoTime() < endNanos);
        return new Seen(statusField("Tgid:"), statusField("Pid:"), rounds, state);
    }

    /** A number out of /proc/thread-self/status: Tgid is the process, Pid is this very thread. */
    private static long statusField(String name) throws java.io.IOException {
        for (String line : Files.readAllLines(Path.of("/proc/thread-self/status")))
            if (line.startsWith(name)) return Long.parseLong(line.substring(name.length()).trim());
        throw new java.io.IOException("no " + name + " in /proc/thread-self/status");
    }

    private static int positive(String[] args, int index, int otherwise) {
        if (args.length <= index) return otherwise;
        if (args[index].matches("[1-9][0-9]{0,5}")) return Integer.parseInt(args[index]);
        System.err.println("Threads: not a positive number: " + args[index]);
        System.exit(2);
        return otherwise;
    }
}
