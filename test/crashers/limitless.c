/* `limitless PROGRAM ARGUMENTS`: what `ulimit -c unlimited` does in a start script, which an image without a shell cannot have.
 * A core that the kernel writes into a file is cut at this limit; one that goes into a pipe is not. */
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
  if (argc < 2 || setrlimit(RLIMIT_CORE, &none) != 0) return 97;
  execv(argv[1], argv + 1);
  return 98;
}
