/* Has what it finds as $DB_PASSWORD, and in the file $KEY_FILE, in its environment, on its stack, and all over 24 MiB of
 * its heap, where a copy spans each border of whatever pieces memory is read in; the password as UTF-16, too. */
#include "gate.h"
#include <string.h>
#include <sys/mman.h>

enum { HEAP = 24 << 20, MOST = 256 };

/* Volatile: nobody reads it. */
static void fill(volatile char *heap, size_t length, const char *value, int wide) {
  size_t value_length = strlen(value), at = 0;
  while (value_length > 0 && at + 2 * (value_length + 1) < length)
    for (size_t index = 0; index <= value_length; index++) {
      heap[at++] = value[index];
      if (wide) heap[at++] = 0;
    }
}

__attribute__((noinline)) static void use(const char *password, const char *key, volatile char *heap) {
  char on_stack[2 * MOST] = {0};
  for (size_t at = 0; password[at] != 0 && at < MOST - 1; at++) on_stack[at] = password[at];
  for (size_t at = 0; key[at] != 0 && at < MOST - 1; at++) on_stack[MOST + at] = key[at];
  fill(heap, HEAP / 2, password, 0);
  fill(heap + HEAP / 2, HEAP / 4, key, 0);
  fill(heap + HEAP / 2 + HEAP / 4, HEAP / 4, password, 1);
  __asm__ volatile("" ::"r"(on_stack) : "memory"); /* else nobody reads it, and it goes */
  wait_at_gate();
  fault();
}

int main(void) {
  static char key[MOST];
  const char *password = getenv("DB_PASSWORD"), *file = getenv("KEY_FILE");
  int fd = file == NULL ? -1 : open(file, O_RDONLY | O_CLOEXEC);
  volatile char *heap = mmap(NULL, HEAP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (heap == MAP_FAILED || password == NULL) return 92;
  if (fd >= 0 && read(fd, key, MOST - 1) < 0) return 93;
  use(password, key, heap);
}
