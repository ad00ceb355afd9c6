import java.util.ArrayList;
import java.util.List;

/** Asks for more than its heap has. */
public class Fill {
  public static void main(String[] arguments) {
    List<byte[]> kept = new ArrayList<>();
    for (;;) kept.add(new byte[1 << 20]);
  }
}
