/* The first thread leaves by pthread_exit, another lives on and faults: the process then has a zombie for its leader,
 * without executable, command line or (before Linux 5.16) its cgroups of v1. */
#include "gate.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

/* The last bracket of stat ends the name; the state follows. */
static int leader_has_left(void) {
  char text[512];
  FILE *stat = fopen("/proc/self/stat", "r");
  size_t length = stat == NULL ? 0 : fread(text, 1, sizeof text - 1, stat);
  if (stat != NULL) fclose(stat);
  text[length] = 0;
  return strstr(text, ") Z ") != NULL;
}

static void *work(void *unused) {
  (void)unused;
  prctl(PR_SET_NAME, "worker");
  while (!leader_has_left()) continue;
  wait_at_gate();
  fault();
  return NULL;
}

int main(void) {
  pthread_t worker;
  if (pthread_create(&worker, NULL, work, NULL) != 0) return 92;
  pthread_exit(NULL);
}
