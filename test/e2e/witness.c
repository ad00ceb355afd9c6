/* witness HANDLER --config=FILE %P ...: what core_pattern names in the tests. It starts the handler just
 * as the kernel started it, waits for its end, and adds a line to `ended` beside itself:
 *     <%P> <exit status, or 128 + signal> <peak resident memory in KiB> <milliseconds>
 * No other process could tell: the handler is a child of the kernel. */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv) {
  char file[256], line[128];
  int status, length, fd;
  struct rusage usage;
  long started = milliseconds();
  pid_t handler = argc < 4 ? -1 : fork();
  if (handler < 0) return 93;
  if (handler == 0) {
    execv(argv[1], argv + 1);
    _exit(94);
  }
  close(0); /* the kernel holds the crashed process until every reader has closed */
  close(3); /* the pidfd of %F, if there is one */
  if (wait4(handler, &status, 0, &usage) < 0) return 95;
  length = snprintf(line, sizeof line, "%.20s %d %ld %ld\n", argv[3],
                    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), usage.ru_maxrss,
                    milliseconds() - started);
  snprintf(file, sizeof file, "%s/ended", dirname(argv[0]));
  fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0600);
  return fd >= 0 && write(fd, line, length) == length ? 0 : 96;
}
