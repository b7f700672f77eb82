import java.nio.file.*;

/** Writes its second argument into the file that the first one names. */
class Say {
  public static void main(String[] args) throws Exception {
    Files.writeString(Path.of(args[0]), args[1] + "\n");
  }
}
