/* What is loaded while the program runs. Node loads it, too, and calls the function of that name. */
__attribute__((noinline, noipa)) static int read_it(int *at) { return *at + 1; }

int from_library(int argument) { return read_it((int *)(0x18L + argument)) + 1; }

void *napi_register_module_v1(void *environment, void *exports) {
  return from_library(environment == exports) ? exports : environment;
}
