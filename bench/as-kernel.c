/*
 * as-kernel CORE PROGRAM [ARGUMENT...] starts PROGRAM as the kernel starts what core_pattern names: nothing in its
 * environment, / as its working directory, the core on fd 0, nothing on fds 1 and 2. It prints one line of JSON of what
 * can be seen from outside. CORE is a file of which a pipe is fed, "-" for the pipe that is our own stdin, or "none".
 *
 * The clock starts at exec, which a program cannot see by itself: Node's own clock starts when V8 does. The
 * first read is known by the pipe: it is full before PROGRAM starts, and takes more only when that reads.
 *
 * It is small, because a child's ru_maxrss counts what its parent had in memory when it forked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_READ_DEADLINE_MS 60000

struct start {
  struct timespec clock;
  struct timespec date;
};

static void fail(const char *what) {
  fprintf(stderr, "as-kernel: %s: %s\n", what, strerror(errno));
  exit(127);
}

static double milliseconds(struct timespec from, struct timespec to) {
  return (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6;
}

static struct timespec now(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  return at;
}

struct core {
  const char *bytes;
  size_t length;
  size_t written;
};

static struct core read_core(const char *path) {
  struct stat stats;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &stats) < 0) fail(path);
  char *bytes = mmap(NULL, stats.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (bytes == MAP_FAILED) fail(path);
  close(fd);
  return (struct core){bytes, stats.st_size, 0};
}

/* As much as goes. */
static void feed(struct core *core, int fd) {
  while (core->written < core->length) {
    ssize_t taken = write(fd, core->bytes + core->written, core->length - core->written);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) return;
    core->written += taken;
  }
}

static void become(int stdin_fd, char **argv, struct start *start) {
  char *environment[] = {NULL};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_DFL);
  if (stdin_fd != 0 && dup2(stdin_fd, 0) < 0) _exit(126);
  if (chdir("/") < 0) _exit(126);
  close(1);
  close(2);
  start->date = now(CLOCK_REALTIME);
  start->clock = now(CLOCK_MONOTONIC);
  execve(argv[0], argv, environment);
  _exit(127);
}

/* Negative: PROGRAM never read. */
static double feed_all(struct core *core, int fd, const struct start *start) {
  struct pollfd writable = {fd, POLLOUT, 0};
  if (poll(&writable, 1, FIRST_READ_DEADLINE_MS) != 1 || !(writable.revents & POLLOUT)) return -1;
  if (writable.revents & POLLERR) return -1;
  struct timespec read_at = now(CLOCK_MONOTONIC);
  fcntl(fd, F_SETFL, 0);
  feed(core, fd);
  return milliseconds(start->clock, read_at);
}

static int open_stdin(const char *core) {
  if (strcmp(core, "-") == 0) return 0;
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail("/dev/null");
  return fd;
}

static struct start *shared_start(void) {
  struct start *start = mmap(NULL, sizeof *start, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) fail("mmap");
  return start;
}

static void start_program(int stdin_fd, char **argv, struct start *start) {
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) become(stdin_fd, argv, start);
  // From now on the program is the only reader.
  close(stdin_fd);
}

/* The moment of the first read, as feed_all() says it. */
static double start_and_feed(const char *core_file, char **argv, struct start *start) {
  int ends[2];
  struct core core = read_core(core_file);
  if (pipe2(ends, O_CLOEXEC) < 0) fail("pipe2");
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  feed(&core, ends[1]);
  start_program(ends[0], argv, start);
  double first_read = feed_all(&core, ends[1], start);
  close(ends[1]);
  return first_read;
}

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

static void wait_and_tell(const struct start *start, double first_read) {
  int status;
  struct rusage usage;
  if (wait4(-1, &status, 0, &usage) < 0) fail("wait4");
  double end = milliseconds(start->clock, now(CLOCK_MONOTONIC));
  double date = start->date.tv_sec * 1e3 + start->date.tv_nsec / 1e6;
  printf("{\"startedAtMs\":%.3f,\"firstReadMs\":%.3f,\"exitMs\":%.3f,", date, first_read, end);
  printf("\"userSeconds\":%.3f,\"systemSeconds\":%.3f,", seconds(usage.ru_utime), seconds(usage.ru_stime));
  printf("\"peakBytes\":%lld,\"status\":%d}\n", usage.ru_maxrss * 1024LL,
         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: as-kernel CORE|-|none PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  // A caller that gives us up wants no handler left behind.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  struct start *start = shared_start();
  int is_fed = strcmp(argv[1], "-") != 0 && strcmp(argv[1], "none") != 0;
  if (!is_fed) start_program(open_stdin(argv[1]), argv + 2, start);
  wait_and_tell(start, is_fed ? start_and_feed(argv[1], argv + 2, start) : -1);
  return 0;
}
