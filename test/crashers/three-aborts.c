/* Three children, one after another, end by three bugs whose top frame is the same, in libc: a failed assertion, a
 * double free, and abort(3). */
#include "gate.h"
#undef NDEBUG
#include <assert.h>
#include <sys/wait.h>

__attribute__((noinline)) static void orders(int count) {
  assert(count == 7 && "orders are broken");
}

__attribute__((noinline)) static void payments(void) {
  char *volatile paid = malloc(2000);
  char *volatile again = paid; /* else the compiler sees the bug */
  free(paid);
  free(again);
}

__attribute__((noinline)) static void users(void) {
  abort();
}

int main(int argc, char **argv) {
  (void)argv;
  wait_at_gate();
  for (int bug = 0; bug < 3; bug++) {
    if (fork() == 0) {
      if (bug == 0) orders(argc);
      if (bug == 1) payments();
      users();
    }
    wait(NULL);
  }
  for (;;) pause();
}
