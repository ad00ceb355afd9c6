/* Not a crasher: the program of the sandbox image. It holds a pod's namespaces and does nothing
 * else, until it is told to go. */
#include <signal.h>
#include <unistd.h>

static void leave(int signal) { _exit(signal == SIGTERM ? 0 : 1); }

int main(void) {
  signal(SIGINT, leave);
  signal(SIGTERM, leave);
  for (;;) pause();
}
