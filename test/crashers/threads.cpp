// A C++ program of five threads; the one named `worker-3` faults while the others wait.
// The core holds a note a thread, the crashing one first, and %e is the thread's name.
#include "gate.h"
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

static pthread_barrier_t everybody_runs;

static void work(int number) {
  pthread_setname_np(pthread_self(), ("worker-" + std::to_string(number)).c_str());
  pthread_barrier_wait(&everybody_runs);
  if (number == 3) fault();
  for (;;) pause();
}

int main() {
  wait_at_gate();
  pthread_barrier_init(&everybody_runs, nullptr, 4);
  std::vector<std::thread> threads;
  for (int number = 1; number <= 4; number++) threads.emplace_back(work, number);
  for (auto &thread : threads) thread.join();
}
