/* Faults in a library of its own, at the same instruction each time it is run. */
#include <stdlib.h>
#include <string.h>

void store(volatile int *where);

int main(void) {
  volatile char *memory = memset(malloc(16 << 20), 1, 16 << 20);
  store((volatile int *)(0x10 + (memory == NULL)));
}
