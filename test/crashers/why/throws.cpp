/* An exception that nothing catches, a few functions deep. */
#include <stdexcept>
#include <string>

__attribute__((noinline, noipa)) static int load_cart(const std::string &name) {
  if (name != "none") throw std::runtime_error("no such cart: " + name);
  return 0;
}

__attribute__((noinline, noipa)) static int serve(const char *name) { return load_cart(name) + 1; }

int main(int argc, char **argv) { return serve(argc > 1 ? argv[1] : "mine") + 1; }
