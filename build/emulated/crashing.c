/* Says where it lies in memory, since no emulator writes that into a core, and then crashes in a function that another
   one calls. */
#include <stdio.h>

__attribute__((noinline)) static void settle(int *order) { *order = 7; }

__attribute__((noinline)) static void checkout(int *order) {
  settle(order);
  puts("settled");
}

int main(int argc, char **argv) {
  char line[4096];
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps)) fputs(line, stdout);
  fflush(stdout);
  (void)argv;
  checkout((int *)(long)(argc - 1));
  return 0;
}
