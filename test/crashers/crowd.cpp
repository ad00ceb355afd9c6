// A C++ program of eight threads beside its first, which faults once all of them stand in functions of their own, with
// $1 MiB of memory that was written to, and $2 MiB more that a child would share.
#include "gate.h"
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <thread>
#include <vector>

static pthread_barrier_t everybody_waits;

static char *touched(unsigned long mebibytes, int kind) {
  size_t bytes = mebibytes << 20;
  if (bytes == 0) return nullptr;
  char *memory = (char *)mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) _exit(92);
  for (size_t at = 0; at < bytes; at += 4096) memcpy(memory + at, kind == MAP_SHARED ? "SHARED" : "OWN", 4);
  return memory;
}

__attribute__((noinline)) static void wait_in_line(int) {
  pthread_barrier_wait(&everybody_waits);
  for (;;) pause();
}

__attribute__((noinline)) static void serve_customer(int number) {
  volatile char basket[256] = {(char)number};
  wait_in_line(number);
  (void)basket[number];
}

__attribute__((noinline)) static int load_cart(int number) {
  fault();
  return number;
}

int main(int argc, char **argv) {
  const char *own = touched(argc > 1 ? strtoul(argv[1], NULL, 10) : 64, MAP_PRIVATE);
  const char *shared = touched(argc > 2 ? strtoul(argv[2], NULL, 10) : 0, MAP_SHARED);
  pthread_barrier_init(&everybody_waits, nullptr, 9);
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; number++) threads.emplace_back(serve_customer, number);
  pthread_barrier_wait(&everybody_waits);
  wait_at_gate();
  volatile int loaded = load_cart((own != nullptr) + (shared != nullptr));
  (void)loaded;
}
