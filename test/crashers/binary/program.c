/* Crashes; with an argument it removes its own file first. */
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **words)
{
    if (count > 1 && unlink(words[0]) != 0)
        return 1;
    *(volatile int *)16 = WHICH;
    return 0;
}
