/* Lets a test say when: a crasher waits at the FIFO named by $GATE, so that nobody has to sleep.
 * Opening a FIFO blocks until the other end is open too: the test's open succeeds once we stand
 * here, and our read ends (end of file) once the test lets go. Without $GATE there is no gate. */
#ifndef GATE_H
#define GATE_H
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_at_gate(void) {
  const char *gate = getenv("GATE");
  char byte;
  int fd;
  if (gate == NULL) return;
  fd = open(gate, O_RDONLY | O_CLOEXEC);
  if (fd < 0) _exit(90);
  while (read(fd, &byte, 1) > 0) continue;
  close(fd);
}

/* A real fault: kill(2) and raise(3) do nothing to PID 1 of a container, a fault kills it. */
__attribute__((unused)) static void fault(void) {
  volatile int *nowhere = (volatile int *)0x10;
  __asm__ volatile("" : "+r"(nowhere)); /* else the compiler sees undefined behaviour and may trap */
  *nowhere = 1;
  _exit(91);
}
#endif
