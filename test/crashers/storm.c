/* As many children as the argument says crash at once: they wait for the end of a pipe that the parent holds. */
#include "gate.h"
#include <sys/wait.h>

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  int hold[2];
  char byte;
  if (pipe(hold) != 0) return 92;
  for (int i = 0; i < count; i++) {
    if (fork() != 0) continue;
    close(hold[1]);
    while (read(hold[0], &byte, 1) > 0) continue;
    fault();
  }
  close(hold[0]);
  wait_at_gate();
  close(hold[1]);
  while (wait(NULL) > 0) continue;
  for (;;) pause();
}
