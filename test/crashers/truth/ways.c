/* Ways to be somewhere that unwinders find hard, one for each word that it is called with. */
#define _GNU_SOURCE
#include <alloca.h>
#include <dlfcn.h>
#include <immintrin.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define APART __attribute__((noinline, noipa))

static volatile int zero;

APART static int read_it(int *at) { return *at + 1; }

APART static void crash_in_handler(int number) { zero = read_it((int *)(long)number); }

APART static void give_up(int number) {
  (void)number;
  abort();
}

APART static int deeper(volatile int depth) {
  volatile char some[1000];
  some[0] = (char)depth;
  return deeper(depth + 1) + some[0];
}

APART static int on_alternate_stack(void (*handler)(int)) {
  stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
  sigaltstack(&stack, NULL);
  sigaction(SIGSEGV, &action, NULL);
  return deeper(0);
}

APART static int from_library(const char *library) {
  int (*function)(int) = (int (*)(int))dlsym(dlopen(library, RTLD_NOW), "from_library");
  return function(0) + 1;
}

APART static int compare(const void *left, const void *right) {
  return read_it((int *)0x28) + (*(const int *)left - *(const int *)right);
}

APART static int sort_them(void) {
  int some[] = {3, 1, 2};
  qsort(some, 3, sizeof some[0], compare);
  return some[0];
}

/* The stack is aligned anew, and the frame's address kept in a register. */
APART static int aligned(int many) {
  __m256i wide[2] __attribute__((aligned(64)));
  char *more = alloca((unsigned long)many * 100);
  memset(wide, many, sizeof wide);
  memset(more, many, (unsigned long)many * 100);
  return read_it((int *)(long)(0x30 + (*(char *)wide == more[1] ? 0 : 8))) + more[0];
}

static ucontext_t here, there;

APART static void coroutine(void) { zero = read_it((int *)0x38); }

APART static int in_coroutine(void) {
  getcontext(&there);
  there.uc_stack = (stack_t){.ss_sp = malloc(262144), .ss_size = 262144};
  there.uc_link = &here;
  makecontext(&there, coroutine, 0);
  swapcontext(&here, &there);
  return zero + 1;
}

/* What never returns is called last: the return address is that of the next function. */
__attribute__((noinline, noipa, noreturn)) static void never_returns(int status) {
  if (status) abort();
  for (;;) pause();
}

APART static void calls_last(int status) {
  zero = status;
  never_returns(status);
}

APART static void after_calls_last(void) { zero = 1; }

APART static int far_jump(void) {
  int (*function)(void) = (int (*)(void))0x123456789000;
  return function() + 1;
}

APART static int jump_to_data(void) {
  int (*function)(void) = (int (*)(void))(long)&zero;
  return function() + 1;
}

static sigjmp_buf back;

APART static void jump_back(int number) {
  (void)number;
  siglongjmp(back, 1);
}

APART static int after_a_jump(void) {
  signal(SIGUSR1, jump_back);
  if (sigsetjmp(back, 1) == 0) raise(SIGUSR1);
  return read_it((int *)0x40);
}

APART static int in_string(void) { return (int)strlen((char *)(long)(zero + 0x48)); }

static pthread_once_t once = PTHREAD_ONCE_INIT;

APART static void begin(void) { zero = read_it((int *)0x50); }

APART static void *at_end(void *key) {
  pthread_exit((void *)(long)pthread_setspecific(*(pthread_key_t *)key, key));
}

APART static void destroy(void *value) { zero = read_it((int *)((long)value * 0 + 0x58)); }

APART static int when_a_thread_ends(void) {
  pthread_key_t key;
  pthread_t thread;
  pthread_key_create(&key, destroy);
  pthread_create(&thread, NULL, at_end, &key);
  return pthread_join(thread, NULL);
}

APART static void at_exit(void) { zero = read_it((int *)0x60); }

APART static int freed_unmapped(void) {
  char *some = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(some, 4096);
  return *(volatile char *)some + 1;
}

/* GCC passes a hidden pointer, by code that it writes onto the stack. */
APART static int nested(int *at) {
  APART int inner(void) { return *at + zero; }
  int (*volatile function)(void) = inner;
  return function() + 1;
}

APART static int way(const char *word, const char *argument) {
  if (!strcmp(word, "handler")) {
    signal(SIGUSR1, crash_in_handler);
    raise(SIGUSR1);
  }
  if (!strcmp(word, "alternate")) return on_alternate_stack(give_up);
  if (!strcmp(word, "alternate-crash")) return on_alternate_stack(crash_in_handler);
  if (!strcmp(word, "library")) return from_library(argument);
  if (!strcmp(word, "callback")) return sort_them();
  if (!strcmp(word, "aligned")) return aligned(3);
  if (!strcmp(word, "coroutine")) return in_coroutine();
  if (!strcmp(word, "noreturn")) calls_last(1);
  if (!strcmp(word, "far")) return far_jump();
  if (!strcmp(word, "data")) return jump_to_data();
  if (!strcmp(word, "jump")) return after_a_jump();
  if (!strcmp(word, "string")) return in_string();
  if (!strcmp(word, "once")) return pthread_once(&once, begin);
  if (!strcmp(word, "thread-end")) return when_a_thread_ends();
  if (!strcmp(word, "exit")) {
    atexit(at_exit);
    exit(0);
  }
  if (!strcmp(word, "unmapped")) return freed_unmapped();
  if (!strcmp(word, "nested")) return nested((int *)0x68);
  if (!strcmp(word, "deleted")) {
    unlink(argument);
    return read_it((int *)0x70);
  }
  after_calls_last();
  return 0;
}

int main(int argc, char **argv) { return way(argv[1], argc > 2 ? argv[2] : "") + 1; }
