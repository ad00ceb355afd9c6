/* abort(3) of the first process of a container, for which the kernel ignores SIGABRT. */
#include "gate.h"

int main(void) {
  wait_at_gate();
  abort();
}
