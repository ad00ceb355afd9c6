/* In the place of a handler: tells that it was run. */
#include <fcntl.h>

int main(void) { return open("/usr/local/bin/entered", O_WRONLY | O_CREAT, 0600) < 0; }
