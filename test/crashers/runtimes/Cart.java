import java.lang.reflect.Field;
import sun.misc.Unsafe;

/** Writes to where nothing is, which the JVM does not survive. */
public class Cart {
  private final Unsafe unsafe;

  Cart(Unsafe unsafe) {
    this.unsafe = unsafe;
  }

  int total(int count) {
    unsafe.putInt(0x18L, count);
    return count;
  }

  public static void main(String[] arguments) throws Exception {
    Field field = Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    System.out.println(new Cart((Unsafe) field.get(null)).total(3));
  }
}
