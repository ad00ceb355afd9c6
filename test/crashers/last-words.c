/* Says much, a secret among it, and then what a runtime would say at last; between that and its end is nothing.
 * To one stream alone: of two, a runtime writes the lines in an order of its own. */
#include "gate.h"
#include <stdio.h>

int main(int argc, char **argv) {
  const char *password = getenv("DB_PASSWORD");
  wait_at_gate();
  for (int line = 0; line < 300; line++) dprintf(STDERR_FILENO, "line %d\n", line);
  dprintf(STDERR_FILENO, "a customer paid with %s\n", password == NULL ? "nothing" : password);
  dprintf(STDERR_FILENO, "FATAL ERROR: no carts for %s\n", password == NULL ? "nobody" : password);
  if (argc > 1) dprintf(STDERR_FILENO, "%s\n", argv[1]);
  fault();
}
