/* meter RESULT -- PROGRAM ARGUMENTS: what core_pattern names while something is measured. It starts the program with
 * the stdin that it has, waits for its end, and adds a line of JSON to RESULT. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static double seconds_of(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

int main(int argc, char **argv) {
  double started = seconds_now();
  char line[256];
  struct rusage usage;
  int status, length, fd;
  pid_t child = argc < 4 ? -1 : fork();
  if (child < 0) return 93;
  if (child == 0) {
    char self[16];
    snprintf(self, sizeof self, "%d", getpid());
    if (getenv("LISTEN_PID")) setenv("LISTEN_PID", self, 1); /* systemd's sockets are for one process by its id */
    execv(argv[3], argv + 3);
    _exit(94);
  }
  close(0); /* the kernel holds the crashed process until every reader has closed */
  if (wait4(child, &status, 0, &usage) < 0) return 95;
  length = snprintf(line, sizeof line,
                    "{\"wallSeconds\":%.6f,\"userSeconds\":%.6f,\"systemSeconds\":%.6f,\"peakBytes\":%ld,\"status\":%d}\n",
                    seconds_now() - started, seconds_of(usage.ru_utime), seconds_of(usage.ru_stime),
                    usage.ru_maxrss * 1024, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0600);
  return fd >= 0 && write(fd, line, length) == length ? 0 : 96;
}
