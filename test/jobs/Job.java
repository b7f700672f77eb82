import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of known size: touches so much heap, keeps threads on a processor for so long, and then waits for the end
 * of its standard input. Usage: Job MEBIBYTES THREADS SECONDS, the seconds being processor time of each thread.
 * Prints "held=MEBIBYTES" when the memory is touched and "done" at the end; exit status 1 when the memory is not what
 * was written to it.
 */
public final class Job {
    private static final int MEBIBYTE = 1 << 20;
    private static final int PAGE = 4096;

    public static void main(String[] args) throws Exception {
        int mebibytes = Integer.parseInt(args[0]);
        int threads = Integer.parseInt(args[1]);
        double seconds = Double.parseDouble(args[2]);
        List<byte[]> held = touch(mebibytes);
        System.out.println("held=" + mebibytes);
        work(threads, (long) (seconds * 1e9));
        while (System.in.read() >= 0) continue;
        for (int block = 0; block < mebibytes; block++)
            for (int at = 0; at < MEBIBYTE; at += PAGE)
                if (held.get(block)[at] != (byte) block) System.exit(1);
        System.out.println("done");
    }

    private static List<byte[]> touch(int mebibytes) {
        List<byte[]> held = new ArrayList<>(mebibytes);
        for (int block = 0; block < mebibytes; block++) {
            byte[] bytes = new byte[MEBIBYTE];
            for (int at = 0; at < MEBIBYTE; at += PAGE) bytes[at] = (byte) block;
            held.add(bytes);
        }
        return held;
    }

    private static void work(int threads, long nanosEach) throws InterruptedException {
        List<Thread> all = new ArrayList<>();
        for (int at = 0; at < threads && nanosEach > 0; at++) all.add(new Thread(() -> spend(nanosEach)));
        for (Thread one : all) one.start();
        for (Thread one : all) one.join();
    }

    /** Computes until the kernel has counted so much processor time for this thread, whoever else ran meanwhile. */
    private static void spend(long nanos) {
        long state = nanos;
        long endNanos = ownNanos() + nanos;
        do {
            for (int step = 0; step < 2_000_000; step++) state = state * 6364136223846793005L + 1442695040888963407L;
        } while (ownNanos() < endNanos);
        if (state == 0) System.out.println("never, but then the loop cannot be left out");
    }

    /** First field of schedstat (proc(5)): nanoseconds this thread was on a processor. */
    private static long ownNanos() {
        try {
            String text = Files.readString(Path.of("/proc/thread-self/schedstat"));
            return Long.parseLong(text.substring(0, text.indexOf(' ')));
        } catch (java.io.IOException cause) {
            throw new java.io.UncheckedIOException(cause);
        }
    }
}
