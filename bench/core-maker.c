/* core-maker write KIND MIB              an ELF core of that memory on stdout, made as it is written
 * core-maker crash KIND MIB              a process with that memory that crashes; says how long the kernel held it
 * core-maker storm KIND MIB COUNT        so many of them that crash at once; a line for each, as they are let go
 * core-maker pipe  KIND MIB HELPER       the same without the kernel: HELPER reads the core from a plain pipe
 *
 * KIND is heap, zeros, random, or a file whose bytes are the memory. The memory is 64 MiB, again and again:
 * no compressor looks back so far. It is the same each time. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, POOL = 64 << 20, CHUNK = 64 << 10, MOST = 256 };

struct memory {
  unsigned char *pool;
  uint64_t pool_bytes, bytes;
};

static void die(const char *what) {
  fprintf(stderr, "core-maker: cannot %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* splitmix64 */
static uint64_t state;

static uint64_t next(void) {
  uint64_t z = (state += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

static const char *const WORDS[] = {"checkout", "basket", "customer", "Ada Miller", "pending", "paid", "EUR", "Lisbon",
                                    "Content-Type", "application/json", "session", "invoice", "retry", "timeout", "Jun Tanaka", "warehouse"};

static const char *word(void) { return WORDS[next() % 16]; }

/* What malloc leaves between objects, and what objects hold: pointers into one heap, vtables, counts, flags. */
static uint64_t field(void) {
  uint64_t r = next();
  switch (r >> 61) {
  case 0: case 1: return 0x7f3a00000000ull + (r & 0x0ffffff0);
  case 2: return 0x55d0c8a00000ull + (r & 31) * 0x48;
  case 3: return r & 0xff;
  case 4: return (r & 0xffff) | (uint64_t)(r >> 16 & 3) << 32;
  default: return 0;
  }
}

static void objects(unsigned char *page) {
  uint64_t *at = (uint64_t *)page, *end = at + PAGE / 8;
  while (at < end) {
    unsigned fields = 2 + next() % 12;
    *at++ = (fields + 1) * 8 | 1;
    while (fields-- > 0 && at < end) *at++ = field();
  }
}

static void documents(unsigned char *page) {
  char text[256];
  int at = 0;
  while (at < PAGE) {
    int length = snprintf(text, sizeof text, "{\"id\":%u,\"%s\":\"%s\",\"state\":\"%s\",\"total\":%u.%02u,\"trace\":\"%08x\"},",
                          (unsigned)(next() % 1000000), word(), word(), word(), (unsigned)(next() % 500),
                          (unsigned)(next() % 100), (unsigned)next());
    if (length > PAGE - at) length = PAGE - at;
    memcpy(page + at, text, length);
    at += length;
  }
}

static void numbers(unsigned char *page) {
  double *at = (double *)page, value = 100;
  for (int i = 0; i < PAGE / 8; i++) at[i] = value += (double)(next() % 2001) / 1000 - 1;
}

static void noise(unsigned char *page) {
  uint64_t *at = (uint64_t *)page;
  for (int i = 0; i < PAGE / 8; i++) at[i] = next();
}

static void sparse(unsigned char *page) {
  uint64_t *at = (uint64_t *)page;
  for (int i = 0; i < 24; i++) at[next() % (PAGE / 8)] = field();
}

/* In hundredths of a heap: objects 38, text 20, hardly used 12, numbers 8, compressed or encrypted 10, never used 12. */
static void heap(unsigned char *page) {
  unsigned r = next() % 100;
  if (r < 38) objects(page);
  else if (r < 58) documents(page);
  else if (r < 70) sparse(page);
  else if (r < 78) numbers(page);
  else if (r < 88) noise(page);
}

static unsigned char *map(uint64_t bytes) {
  void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) die("map memory");
  return at;
}

static struct memory of_file(const char *file) {
  int fd = open(file, O_RDONLY);
  struct stat about;
  if (fd < 0 || fstat(fd, &about) < 0) die("open the file of the memory");
  void *at = mmap(NULL, about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (at == MAP_FAILED) die("map the file of the memory");
  close(fd);
  return (struct memory){at, about.st_size, about.st_size};
}

static struct memory memory_of(const char *kind, const char *mebibytes) {
  struct memory memory = {NULL, POOL, strtoull(mebibytes, NULL, 10) << 20};
  void (*fill)(unsigned char *) = !strcmp(kind, "heap") ? heap : !strcmp(kind, "random") ? noise : NULL;
  if (fill == NULL && strcmp(kind, "zeros")) return of_file(kind);
  if (memory.bytes == 0) errno = EINVAL, die("make a core: give its size in MiB");
  if (memory.bytes < POOL) memory.pool_bytes = memory.bytes;
  memory.pool = map(memory.pool_bytes);
  for (uint64_t at = 0; at < memory.pool_bytes; at += PAGE) {
    state = at * 31;
    if (fill) fill(memory.pool + at);
    else memset(memory.pool + at, 0, PAGE);
  }
  return memory;
}

static void write_all(int fd, const void *bytes, size_t count) {
  for (const char *at = bytes; count > 0;) {
    ssize_t written = write(fd, at, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) die("write the core");
    at += written, count -= written;
  }
}

static size_t note(unsigned char *at, unsigned type, const void *content, size_t count) {
  Elf64_Nhdr head = {5, count, type};
  memcpy(at, &head, sizeof head);
  memcpy(at + sizeof head, "CORE\0\0\0", 8);
  memcpy(at + sizeof head + 8, content, count);
  return sizeof head + 8 + (count + 3) / 4 * 4;
}

static void write_head(int fd, uint64_t bytes, pid_t pid) {
  unsigned char head[PAGE] = {0};
  struct elf_prstatus status = {.pr_pid = pid, .pr_cursig = SIGSEGV};
  struct elf_prpsinfo info = {.pr_pid = pid, .pr_fname = "core-maker", .pr_psargs = "core-maker"};
  Elf64_Ehdr elf = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = ET_CORE,
#ifdef __aarch64__
                    .e_machine = EM_AARCH64,
#else
                    .e_machine = EM_X86_64,
#endif
                    .e_version = EV_CURRENT, .e_phoff = sizeof elf, .e_ehsize = sizeof elf,
                    .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2};
  size_t notes_at = sizeof elf + 2 * sizeof(Elf64_Phdr), notes = notes_at;
  notes += note(head + notes, NT_PRSTATUS, &status, sizeof status);
  notes += note(head + notes, NT_PRPSINFO, &info, sizeof info);
  Elf64_Phdr segments[2] = {{.p_type = PT_NOTE, .p_offset = notes_at, .p_filesz = notes - notes_at, .p_align = 4},
                            {.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = PAGE, .p_vaddr = 0x7f3a00000000,
                             .p_filesz = bytes, .p_memsz = bytes, .p_align = PAGE}};
  memcpy(head, &elf, sizeof elf);
  memcpy(head + sizeof elf, segments, sizeof segments);
  write_all(fd, head, sizeof head);
}

static void write_core(int fd, struct memory memory, pid_t pid) {
  write_head(fd, memory.bytes, pid);
  for (uint64_t at = 0; at < memory.bytes;) {
    uint64_t in_pool = at % memory.pool_bytes, count = memory.pool_bytes - in_pool;
    if (count > CHUNK) count = CHUNK;
    if (count > memory.bytes - at) count = memory.bytes - at;
    write_all(fd, memory.pool + in_pool, count);
    at += count;
  }
}

static void say_held(uint64_t since, int status) {
  printf("{\"heldSeconds\":%.6f,\"signal\":%d,\"dumped\":%s}\n", (nanoseconds() - since) / 1e9,
         WIFSIGNALED(status) ? WTERMSIG(status) : 0, WCOREDUMP(status) ? "true" : "false");
}

/* Pages of a file that are nothing but zeros stay as they are: never used, as they were in the process it is of. */
static void hold(unsigned char *to, struct memory memory, int is_file) {
  static const unsigned char nothing[PAGE];
  for (uint64_t at = 0; at < memory.bytes; at += PAGE) {
    const unsigned char *from = memory.pool + at % memory.pool_bytes;
    size_t count = memory.bytes - at < PAGE ? memory.bytes - at : PAGE;
    if (is_file && memcmp(from, nothing, count) == 0) continue;
    memcpy(to + at, from, count);
  }
  munmap(memory.pool, memory.pool_bytes);
  asm volatile("" ::"r"(to) : "memory"); /* or the compiler leaves out what is not read */
}

static int crash(struct memory memory, int is_file) {
  volatile uint64_t *since = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int status;
  pid_t child = fork();
  if (since == MAP_FAILED || child < 0) die("start the process that crashes");
  if (child == 0) {
    volatile char *nowhere = (char *)16;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    hold(map((memory.bytes + PAGE - 1) / PAGE * PAGE), memory, is_file);
    asm volatile("" : "+r"(nowhere));
    *since = nanoseconds();
    *nowhere = 1;
  }
  munmap(memory.pool, memory.pool_bytes);
  if (waitpid(child, &status, 0) < 0) die("wait for the process that crashes");
  say_held(*since, status);
  return 0;
}

struct storm {
  int ready, go;
  uint64_t since[MOST];
};

static void crash_with_the_others(struct storm *storm, int number, struct memory memory, int is_file) {
  volatile char *nowhere = (char *)16;
  struct timespec moment = {0, 200000};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  hold(map((memory.bytes + PAGE - 1) / PAGE * PAGE), memory, is_file);
  asm volatile("" : "+r"(nowhere));
  __atomic_add_fetch(&storm->ready, 1, __ATOMIC_SEQ_CST);
  while (!__atomic_load_n(&storm->go, __ATOMIC_SEQ_CST)) nanosleep(&moment, NULL);
  storm->since[number] = nanoseconds();
  *nowhere = 1;
}

static void let_go_when_ready(struct storm *storm, int count) {
  struct timespec moment = {0, 1000000};
  siginfo_t ended = {0};
  while (__atomic_load_n(&storm->ready, __ATOMIC_SEQ_CST) < count) {
    if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0) die("have all of them ready");
    nanosleep(&moment, NULL);
  }
  __atomic_store_n(&storm->go, 1, __ATOMIC_SEQ_CST);
}

static int crash_at_once(struct memory memory, int is_file, int count) {
  struct storm *storm = mmap(NULL, sizeof *storm, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t children[MOST], gone;
  int status;
  if (count < 1 || count > MOST) errno = EINVAL, die("crash so many at once");
  if (storm == MAP_FAILED) die("map memory");
  for (int number = 0; number < count; number++) {
    children[number] = fork();
    if (children[number] < 0) die("start the processes that crash");
    if (children[number] == 0) crash_with_the_others(storm, number, memory, is_file);
  }
  munmap(memory.pool, memory.pool_bytes);
  let_go_when_ready(storm, count);
  while ((gone = waitpid(-1, &status, 0)) > 0)
    for (int number = 0; number < count; number++)
      if (children[number] == gone) say_held(storm->since[number], status);
  return 0;
}

/* As the kernel does (wait_for_dump_helpers): the end of the core is told by closing, then all readers have to go.
 * A pipe that is only known by path has no writer; poll() of one that is opened for a moment says whether it is read. */
static void wait_for_readers(int known) {
  struct timespec moment = {0, 500000};
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", known);
  for (;;) {
    struct pollfd pipe = {open(path, O_WRONLY | O_NONBLOCK), 0, 0};
    if (pipe.fd < 0) return;
    poll(&pipe, 1, 0);
    close(pipe.fd);
    if (pipe.revents & POLLERR) return;
    nanosleep(&moment, NULL);
  }
}

static int through_pipe(struct memory memory, char *helper) {
  char pid[16], now[16], thread[16], path[64], *none[] = {NULL};
  char *arguments[] = {helper, pid, "core-maker", now, "11", thread, "1", "18446744073709551615", NULL};
  int ends[2], status;
  uint64_t since;
  snprintf(pid, sizeof pid, "%d", getpid());
  snprintf(thread, sizeof thread, "%d", getpid());
  snprintf(now, sizeof now, "%ld", (long)time(NULL));
  if (pipe(ends) < 0) die("make a pipe");
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
  int known = open(path, O_PATH | O_CLOEXEC);
  signal(SIGPIPE, SIG_IGN);
  since = nanoseconds();
  pid_t reader = fork();
  if (known < 0 || reader < 0) die("start the helper");
  if (reader == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(ends[0], 0) < 0) _exit(126);
    close(ends[0]), close(ends[1]), close(1), close(2);
    execve(helper, arguments, none);
    _exit(127);
  }
  close(ends[0]);
  write_core(ends[1], memory, getpid());
  close(ends[1]);
  wait_for_readers(known);
  say_held(since, 0);
  fflush(stdout);
  return waitpid(reader, &status, 0) == reader && status == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc < 4) errno = EINVAL, die("go on: core-maker write|crash|storm|pipe heap|zeros|random|FILE MIB [COUNT|HELPER]");
  struct memory memory = memory_of(argv[2], argv[3]);
  if (!strcmp(argv[1], "crash")) return crash(memory, strchr(argv[2], '/') != NULL);
  if (!strcmp(argv[1], "storm") && argc > 4) return crash_at_once(memory, strchr(argv[2], '/') != NULL, atoi(argv[4]));
  if (!strcmp(argv[1], "pipe") && argc > 4) return through_pipe(memory, argv[4]);
  if (strcmp(argv[1], "write")) errno = EINVAL, die("go on: it is write, crash, storm or pipe");
  write_core(1, memory, getpid());
  return 0;
}
