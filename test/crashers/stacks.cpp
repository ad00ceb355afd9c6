// A C++ program of much memory that cannot be compressed, and of five threads that each stand in functions of
// their own. The one that faults does so three calls below where it began, beside a heap of $1 MiB: in its core
// the stacks lie far behind the first bytes.
#include "gate.h"
#include <pthread.h>
#include <stdint.h>
#include <thread>
#include <vector>

static pthread_barrier_t everybody_runs;

static std::vector<uint64_t> noise(size_t mebibytes) {
  std::vector<uint64_t> words(mebibytes << 17);
  uint64_t state = 0x9e3779b97f4a7c15u;
  for (auto &word : words) {
    state ^= state << 13;
    state ^= state >> 7;
    word = state ^= state << 17;
  }
  return words;
}

__attribute__((noinline)) static void wait_for_work() {
  pthread_barrier_wait(&everybody_runs);
  for (;;) pause();
}

__attribute__((noinline)) static int pay(int order) {
  fault();
  return order;
}

__attribute__((noinline)) static int check_out(int order) { return pay(order + 1) + 1; }

__attribute__((noinline)) static void serve(int order) {
  volatile int served = check_out(order) + 1;
  (void)served;
}

int main(int argc, char **argv) {
  auto heap = noise(argc > 1 ? strtoul(argv[1], NULL, 10) : 300);
  __asm__ volatile("" ::"r"(heap.data()) : "memory"); /* else no code reads it, and the compiler drops the stores */
  pthread_barrier_init(&everybody_runs, nullptr, 5);
  std::vector<std::thread> threads;
  for (int number = 0; number < 3; number++) threads.emplace_back(wait_for_work);
  threads.emplace_back([] {
    pthread_barrier_wait(&everybody_runs);
    serve(7);
  });
  wait_at_gate();
  pthread_barrier_wait(&everybody_runs);
  for (auto &thread : threads) thread.join();
}
