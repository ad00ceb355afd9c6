/* `heap MIB` touches that much memory and faults: a core of a known least size.
 * A quarter of each page is noise, the rest repeats, so that it compresses about as a heap does. */
#include "gate.h"
#include <stdint.h>
#include <sys/mman.h>

#define PAGE 4096

static uint64_t noise(uint64_t *state) { /* xorshift64: the same bytes in every run */
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void fill(char *heap, size_t length) {
  uint64_t state = 0x9e3779b97f4a7c15u;
  for (size_t page = 0; page < length; page += PAGE) {
    uint64_t *words = (uint64_t *)(heap + page);
    for (size_t i = 0; i < PAGE / 8; i++) words[i] = i % 4 == 0 ? noise(&state) : 0x00007f0000000000u + (i << 4);
  }
}

int main(int argc, char **argv) {
  size_t length = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64) << 20;
  char *heap = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (heap == MAP_FAILED) return 92;
  fill(heap, length);
  __asm__ volatile("" ::"r"(heap) : "memory"); /* else it is never read, and the stores go */
  wait_at_gate();
  fault();
}
