/* A shop's checkout service that finds no basket. Waits for its input to end before it crashes. */
#include <stdio.h>

struct basket { int items; };

static int total(volatile struct basket *basket) { return basket->items; }

int main(void) {
    struct basket *none = NULL;
    while (getchar() != EOF) { }
    return total(none);
}
