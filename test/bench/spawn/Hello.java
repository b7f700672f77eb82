/** The least that a JVM can be started for. */
public class Hello {
  public static void main(String[] args) {
    System.out.println("hello");
  }
}
