/* One bug of C++ for each word that it is called with. */
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#define APART __attribute__((noinline, noipa))

namespace shop {

struct Priced {
  explicit Priced(int first) { describe(first); }
  virtual ~Priced() = default;
  APART void describe(int first) { price(first); }
  virtual int price(int of) = 0;
};

struct Book : Priced {
  explicit Book(int first) : Priced(first) {}
  int price(int of) override { return of; }
};

APART int read_it(const int *at) { return *at + 1; }

template <typename Item> struct Cart {
  std::vector<Item> items;
  APART Item at(std::size_t index) const { return items.at(index); }
};

APART int in_lambda(int by) {
  std::function<int(int)> divide = [by](int amount) { return read_it(reinterpret_cast<int *>(long(by))) / amount; };
  return divide(100) + 1;
}

APART int in_sort() {
  std::vector<int> prices(40, 7);
  std::sort(prices.begin(), prices.end(), [](int a, int b) { return a < read_it(nullptr) + b; });
  return prices[0];
}

APART void throws() { throw std::string("not an exception"); }

APART void never_throws() noexcept { throws(); }

struct Item {
  int weight;
  __attribute__((always_inline)) int heavy() const { return weight * 2; }
};

__attribute__((always_inline)) inline int total(const Item *item) { return item->heavy() + 3; }

APART int inlined(const Item *item) { return total(item) + 1; }

struct Guard {
  APART ~Guard() { read_it(reinterpret_cast<int *>(8)); }
};

APART int unwinds() {
  try {
    Guard guard;
    throw std::runtime_error("first");
  } catch (const std::exception &) {
    return 1;
  }
}

APART int many_threads(int count) {
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  std::vector<std::thread> threads;
  auto work = [&](int number) {
    std::unique_lock<std::mutex> lock(mutex);
    waiting += 1;
    changed.notify_all();
    if (number == count / 2) {
      changed.wait(lock, [&] { return waiting == count; });
      read_it(reinterpret_cast<int *>(16));
    }
    changed.wait(lock, [&] { return waiting < 0; });
  };
  for (int number = 0; number < count; number += 1) threads.emplace_back(work, number);
  for (auto &thread : threads) thread.join();
  return 0;
}

int bug(const char *word) {
  if (!strcmp(word, "pure")) return Book(1).price(2);
  if (!strcmp(word, "range")) return Cart<int>{{1, 2}}.at(5);
  if (!strcmp(word, "lambda")) return in_lambda(24);
  if (!strcmp(word, "sort")) return in_sort();
  if (!strcmp(word, "noexcept")) never_throws();
  if (!strcmp(word, "inlined")) return inlined(nullptr);
  if (!strcmp(word, "unwind")) return unwinds();
  if (!strcmp(word, "threads")) return many_threads(200);
  if (!strcmp(word, "thread")) std::thread([] { throw std::logic_error("in a thread"); }).join();
  return 0;
}

} // namespace shop

int main(int, char **argv) { return shop::bug(argv[1]) + 1; }
