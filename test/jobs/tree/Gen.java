import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;

/** With one argument prints a class of that name, with more the digests of the files in these folders. */
class Gen {
  static final int METHODS = 60;

  public static void main(String[] args) throws Exception {
    if (args.length == 1) {
      System.out.print(part(args[0]));
      return;
    }
    for (String folder : args)
      for (String name : new TreeSet<>(List.of(new java.io.File(folder).list())))
        System.out.println(digest(Path.of(folder, name)) + "  " + folder + "/" + name);
  }

  static String part(String name) {
    StringBuilder text = new StringBuilder("class Part" + name + " {\n");
    for (int i = 0; i < METHODS; i++)
      text.append("  static int m" + i + "(int n) { return n * " + i + " + \"" + name + i + "\".hashCode(); }\n");
    text.append("  static int all(int n) {\n");
    for (int i = 0; i < METHODS; i++) text.append("    n = m" + i + "(n);\n");
    return text + "    return n;\n  }\n}\n";
  }

  static String digest(Path path) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path)));
  }
}
