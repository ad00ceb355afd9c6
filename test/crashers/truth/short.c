/* A program of 32 bits, which needs no library of them. */
__attribute__((noinline)) static int read_it(int *at) { return *at + 1; }

__attribute__((used)) void _start(void) {
  *(volatile int *)read_it((int *)0x18) = 1;
}
