/*
 * Starts .NET as its own hosts do (coreclrhost.h), from the folder of a runtime, and crashes in it: by an
 * exception that nothing catches, or by a pointer that is none ("pointer").
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef int (*initialize)(const char *, const char *, int, const char **, const char **, void **, unsigned *);
typedef int (*create_delegate)(void *, unsigned, const char *, const char *, const char *, void **);

int main(int count, char **words) {
  char library[4096], assemblies[4096];
  snprintf(library, sizeof library, "%s/libcoreclr.so", words[1]);
  snprintf(assemblies, sizeof assemblies, "%s/System.Private.CoreLib.dll", words[1]);
  void *coreclr = dlopen(library, RTLD_NOW);
  if (!coreclr) return fprintf(stderr, "%s\n", dlerror()), 1;
  const char *keys[] = {"TRUSTED_PLATFORM_ASSEMBLIES", "System.Globalization.Invariant"};
  const char *values[] = {assemblies, "true"};
  void *host;
  unsigned domain;
  int failed = ((initialize)dlsym(coreclr, "coreclr_initialize"))(words[0], "crash", 2, keys, values, &host, &domain);
  if (failed) return fprintf(stderr, "coreclr_initialize: %x\n", failed), 1;
  if (!strcmp(words[2], "pointer")) *(volatile int *)0x18 = 1;
  void (*method)(void);
  failed = ((create_delegate)dlsym(coreclr, "coreclr_create_delegate"))(host, domain, "System.Private.CoreLib",
                                                                       "System.ThrowHelper", "ThrowArrayTypeMismatchException", (void **)&method);
  if (failed) return fprintf(stderr, "coreclr_create_delegate: %x\n", failed), 1;
  method();
  return 0;
}
