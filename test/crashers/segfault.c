/* Writes to address 0x10, which is never mapped: SIGSEGV, SEGV_MAPERR, fault address 0x10.
 * The plainest crash there is, and one that also ends a container's PID 1. */
#include "gate.h"

int main(void) {
  wait_at_gate();
  fault();
}
