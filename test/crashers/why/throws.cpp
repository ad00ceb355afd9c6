/* An exception that nothing catches, a few functions deep. */
#include <stdexcept>
#include <string>

__attribute__((noinline, noipa)) static int load_cart(const std::string &name) {
  if (name != "none") throw std::runtime_error("no such cart: " + name);
  return 0;
}

__attribute__((noinline, noipa)) static int serve(const char *name) { return load_cart(name) + 1; }

/* Calls what a derived one has, and that is not built yet. */
struct Part {
  Part() { build(this); }
  __attribute__((noinline, noipa)) static void build(Part *part) { part->size(); }
  virtual int size() = 0;
};
struct Wheel : Part {
  int size() override { return 1; }
};

int main(int argc, char **argv) {
  const char *word = argc > 1 ? argv[1] : "mine";
  return std::string(word) == "pure" ? Wheel().size() : serve(word) + 1;
}
