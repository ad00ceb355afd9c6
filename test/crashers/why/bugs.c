/* One bug for each word that it is called with, a few functions deep, so that a stack tells where it was. */
#define _GNU_SOURCE
#include <assert.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define APART __attribute__((noinline, noipa))

APART static int read_it(int *at) { return *at + 1; }

APART static void write_it(char *at) {
  *at = 1;
  __asm__ volatile("" ::: "memory");
}

APART static void check_balance(int balance) { assert(balance >= 0); }

APART static int deeper(volatile int depth) {
  volatile char some[1000];
  some[0] = (char)depth;
  return deeper(depth + 1) + some[0];
}

APART static void free_twice(void) {
  char *some = malloc(100);
  free(some);
  free(some);
}

APART static void call_it(void (*function)(void)) {
  function();
  __asm__ volatile("" ::: "memory");
}

#pragma GCC push_options
#pragma GCC optimize("stack-protector-all")
APART static void past_the_end(const char *text) {
  volatile char some[8];
  for (int at = 0; text[at]; at++) some[at] = text[at];
}
#pragma GCC pop_options

APART static int *of_a_file_that_was_cut(void) {
  int file = memfd_create("cut", 0);
  ftruncate(file, 4096);
  int *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
  ftruncate(file, 0);
  return at;
}

APART static void call_what_is_refused(void) {
  struct sock_filter one[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
                              BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                              BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                              BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog filter = {.len = 4, .filter = one};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
  getppid();
}

/* Not an instruction on x86-64. */
APART static void invalid(void) { __asm__ volatile(".byte 0x06"); }

APART static int divided(int by) { return 100 / by; }

APART static void on_signal(int number) {
  (void)number;
  abort();
}

/* As programs do that write a report of their own: on another stack, for the first one may be full. */
static void report_and_abort(int number, siginfo_t *info, void *context) {
  (void)number, (void)info, (void)context;
  abort();
}

static void report_and_raise(int number) {
  signal(number, SIG_DFL);
  raise(number);
}

static void catch_with(struct sigaction how) {
  stack_t other = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
  sigaltstack(&other, NULL);
  how.sa_flags |= SA_ONSTACK | SA_NODEFER;
  sigaction(SIGSEGV, &how, NULL);
}

APART static void *in_thread(void *word);

APART static int bug(const char *word) {
  if (!strcmp(word, "null")) return read_it((int *)0x18);
  if (!strcmp(word, "constant")) write_it((char *)"constant");
  if (!strcmp(word, "assert")) check_balance(-1);
  if (!strcmp(word, "overflow")) return deeper(0);
  if (!strcmp(word, "free")) free_twice();
  if (!strcmp(word, "call")) call_it(NULL);
  if (!strcmp(word, "zero")) return divided(0);
  if (!strcmp(word, "trap")) __builtin_trap();
  if (!strcmp(word, "quit")) raise(SIGQUIT);
  if (!strcmp(word, "handler")) {
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
  }
  if (!strcmp(word, "wait")) pause();
  if (!strcmp(word, "smash")) past_the_end("a few more");
  if (!strcmp(word, "wild")) call_it((void (*)(void))0x123456789000);
  if (!strcmp(word, "truncated")) return read_it(of_a_file_that_was_cut());
  if (!strcmp(word, "refused")) call_what_is_refused();
  if (!strcmp(word, "invalid")) invalid();
  if (!strcmp(word, "abort")) abort();
  if (!strcmp(word, "overflow-in-thread")) {
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, (void *)"overflow");
    pthread_join(thread, NULL);
  }
  if (!strcmp(word, "caught")) {
    catch_with((struct sigaction){.sa_sigaction = report_and_abort, .sa_flags = SA_SIGINFO});
    return read_it((int *)0x18);
  }
  if (!strcmp(word, "again")) {
    catch_with((struct sigaction){.sa_handler = report_and_raise});
    return deeper(0);
  }
  if (!strcmp(word, "thread")) {
    pthread_t thread;
    prctl(PR_SET_NAME, "the first");
    pthread_create(&thread, NULL, in_thread, (void *)"null");
    pthread_join(thread, NULL);
  }
  return 0;
}

APART static void *in_thread(void *word) { return (void *)(long)(bug(word) + 1); }

int main(int argc, char **argv) { return bug(argc > 1 ? argv[1] : "null") + 1; }
