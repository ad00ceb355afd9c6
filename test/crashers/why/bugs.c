/* One bug for each word that it is called with, a few functions deep, so that a stack tells where it was. */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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
