import java.lang.reflect.Method;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.Stream;

/**
 * Starts threads that tell where they are, and holds them until a file `go` is there. Arguments: the kind, `platform` or
 * `virtual`; a name; how many; then, if it is to start another JVM, that one's whole command.
 */
class Where {
  /** Thread.startVirtualThread of Java 21, looked for so that an older compiler takes this, too. */
  static final Method VIRTUAL = Stream.of(Thread.class.getMethods()).filter(one -> one.getName().equals("startVirtualThread")).findAny().orElse(null);

  public static void main(String[] args) throws Exception {
    Process other = args.length == 3 ? null : new ProcessBuilder(List.of(args).subList(3, args.length)).inheritIO().start();
    int count = Integer.parseInt(args[2]);
    Set<String> places = ConcurrentHashMap.newKeySet();
    CountDownLatch there = new CountDownLatch(count), go = new CountDownLatch(1);
    for (int i = 0; i < count; i++) {
      Runnable body = () -> {
        places.add(place());
        there.countDown();
        await(go);
      };
      if (args[0].equals("virtual")) VIRTUAL.invoke(null, body);
      else new Thread(body).start();
    }
    there.await();
    Files.writeString(Path.of(args[1] + ".new"), String.join("\n", places) + "\n");
    Files.move(Path.of(args[1] + ".new"), Path.of(args[1]));
    while (!Files.exists(Path.of("go"))) Thread.sleep(200);
    go.countDown();
    System.exit(other == null ? 0 : other.waitFor());
  }

  /** The name of the machine and the kernel's number of the process and of the thread: `node-1 77/task/81`. */
  static String place() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim() + " " + Files.readSymbolicLink(Path.of("/proc/thread-self"));
    } catch (Exception problem) {
      return problem.toString();
    }
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException problem) {
      throw new IllegalStateException(problem);
    }
  }
}
