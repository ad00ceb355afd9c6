import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Hundreds of thousands of live objects, then a line on stdout. */
public class LiveObjects {
  record Customer(int id, String name, List<Integer> basket, String street, String city, double score) {}

  public static void main(String[] arguments) throws Exception {
    String[] cities = {"Lisbon", "Tallinn", "Osaka"};
    List<Customer> customers = new ArrayList<>();
    Map<String, Customer> byId = new HashMap<>();
    for (int id = 0; id < 250_000; id++) {
      List<Integer> basket = new ArrayList<>(List.of(id % 700, id % 1100, id % 1300));
      String street = (id % 300) + " Harbour Street";
      Customer customer = new Customer(id, "customer " + id % 5000, basket, street, cities[id % 3], Math.sin(id));
      customers.add(customer);
      byId.put("c-" + id, customer);
    }
    System.out.println("ready");
    while (customers.size() + byId.size() > 0) Thread.sleep(1000);
  }
}
