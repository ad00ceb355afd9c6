/* Not a crasher: a program of which the kernel makes no core, by a limit of one byte, and that ignores SIGABRT. */
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void) {
  struct rlimit one = {1, 1};
  if (setrlimit(RLIMIT_CORE, &one) != 0) return 97;
  signal(SIGABRT, SIG_IGN);
  for (;;) pause();
}
