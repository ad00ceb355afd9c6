import java.lang.reflect.Field;
import sun.misc.Unsafe;

/** Has its methods compiled and written down for perf, and writes to where nothing is then. */
public class Hot {
  private static Unsafe unsafe;
  private static int kept;

  static int total(int count, long address) {
    for (int item = 0; item < count; item++) unsafe.putInt(address, kept += item);
    return kept;
  }

  static int checkout(long address) {
    return total(100, address) + 1;
  }

  public static void main(String[] arguments) throws Exception {
    Field field = Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    unsafe = (Unsafe) field.get(null);
    long memory = unsafe.allocateMemory(8);
    for (int time = 0; time < 100_000; time++) checkout(memory);
    String pid = String.valueOf(ProcessHandle.current().pid());
    new ProcessBuilder(arguments[0], pid, "Compiler.perfmap").start().waitFor();
    System.out.println(checkout(0x18L));
  }
}
