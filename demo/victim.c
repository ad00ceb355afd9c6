/* A shop's checkout service that finds no basket. Waits for its input to end before it crashes. */
#include <stdio.h>

struct basket { int items; };
struct order { struct basket *basket; };

static int total(volatile struct basket *basket) { return basket->items; }
static int pay(const struct order *order) { return total(order->basket); }

static int serve(void) {
    const struct order order = {NULL};
    return pay(&order);
}

int main(void) {
    while (getchar() != EOF) { }
    return serve();
}
