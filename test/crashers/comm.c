/* Names itself after its argument (at most 15 bytes stay), then faults: what %e brings the
 * handler is whatever a process likes: `comm 'my app'`, `comm --help`, `comm ../../x`. */
#include "gate.h"
#include <sys/prctl.h>

int main(int argc, char **argv) {
  if (argc > 1) prctl(PR_SET_NAME, argv[1], 0, 0, 0);
  wait_at_gate();
  fault();
}
