/* The child of PID 1 crashes, the parent lives on, as a worker under a supervisor does.
 * `child abort` ends the child by abort(3), SIGABRT; `child fault` by a fault, SIGSEGV.
 * The parent waits for the child (it is not reaped before the dump is over), then for ever. */
#include "gate.h"
#include <string.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
  wait_at_gate();
  if (fork() == 0) {
    if (argc > 1 && strcmp(argv[1], "abort") == 0) abort();
    fault();
  }
  wait(NULL);
  for (;;) pause();
}
