/* A library with a bug. It is mapped above 16 MiB of memory, so its build comes late in the core. */
void store(volatile int *where) {
  *where = 1;
}
