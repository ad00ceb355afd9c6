/* What Node cannot do by itself, of which `addon.ts` tells. Every argument is checked here: nothing is trusted that
 * JavaScript hands over. */
#define _GNU_SOURCE
#define NAPI_VERSION 9
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <node_api.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "crc.h"
#include "igzip_lib.h"

/* Level 2 with a new Huffman code every 16 Ki symbols: of four kinds of cores 0.99 to 1.09 of what `gzip -1` makes, at
 * seven to nineteen times its speed. Level 3 is half as fast for one percent. */
enum { LEVEL = 2, LEVEL_BUFFER_BYTES = ISAL_DEF_LVL2_SMALL };

enum { MOST_BLOCK_BYTES = 1 << 30, MOST_MILLISECONDS = 3600 * 1000 };

/* Bytes of JavaScript's. */
struct bytes {
  uint8_t *at;
  size_t length;
};

static void *refuse(napi_env env, const char *why) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", why);
  return NULL;
}

static void *refuse_as_kernel(napi_env env, int error) {
  napi_throw_error(env, uv_err_name(-error), uv_strerror(-error));
  return NULL;
}

static bool arguments_of(napi_env env, napi_callback_info info, napi_value *values, size_t wanted) {
  size_t given = wanted;
  return napi_get_cb_info(env, info, &given, values, NULL, NULL) == napi_ok && given >= wanted;
}

/* Of an array that was not detached: one that was says that it is empty, and that may be meant. */
static bool bytes_of(napi_env env, napi_value value, struct bytes *bytes) {
  bool is_typed = false, is_detached = false;
  napi_typedarray_type type;
  napi_value buffer;
  void *at = NULL;
  if (napi_is_typedarray(env, value, &is_typed) != napi_ok || !is_typed) return false;
  if (napi_get_typedarray_info(env, value, &type, &bytes->length, &at, &buffer, NULL) != napi_ok) return false;
  if (type != napi_uint8_array) return false;
  /* Fails for a SharedArrayBuffer, which cannot be detached. */
  if (napi_is_detached_arraybuffer(env, buffer, &is_detached) == napi_ok && is_detached) return false;
  bytes->at = at;
  return at != NULL || bytes->length == 0;
}

/* A whole number of 0 to `most`. */
static bool number_of(napi_env env, napi_value value, double most, int64_t *number) {
  double given;
  if (napi_get_value_double(env, value, &given) != napi_ok) return false;
  if (!(given >= 0 && given <= most)) return false;
  *number = (int64_t)given;
  return (double)*number == given;
}

static napi_value number(napi_env env, double value) {
  napi_value made = NULL;
  napi_create_double(env, value, &made);
  return made;
}

/* One block on its way through a thread of libuv's pool. */
struct job {
  napi_async_work work;
  napi_deferred deferred;
  /* They keep the memory of both. */
  napi_ref block_reference, output_reference;
  struct bytes block, output;
  uint32_t stored_bytes, crc;
  int failure;
};

struct compressor {
  struct isal_zstream stream;
  uint8_t level_buffer[LEVEL_BUFFER_BYTES];
};

static void deflate_in_thread(napi_env env, void *data) {
  (void)env;
  struct job *job = data;
  struct compressor *compressor = malloc(sizeof *compressor);
  job->failure = ISAL_INVALID_STATE;
  if (compressor == NULL) return;
  struct isal_zstream *stream = &compressor->stream;
  isal_deflate_stateless_init(stream);
  stream->level = LEVEL;
  stream->level_buf = compressor->level_buffer;
  stream->level_buf_size = LEVEL_BUFFER_BYTES;
  stream->flush = FULL_FLUSH;
  stream->end_of_stream = 0;
  stream->next_in = job->block.at;
  stream->avail_in = job->block.length;
  stream->next_out = job->output.at;
  stream->avail_out = job->output.length;
  job->failure = isal_deflate_stateless(stream);
  job->stored_bytes = stream->total_out;
  job->crc = crc32_gzip_refl(0, job->block.at, job->block.length);
  free(compressor);
}

static void settle(napi_env env, struct job *job, napi_status status) {
  napi_value message, result;
  if (status == napi_ok && job->failure == COMP_OK && napi_create_object(env, &result) == napi_ok) {
    napi_set_named_property(env, result, "storedBytes", number(env, job->stored_bytes));
    napi_set_named_property(env, result, "crc32", number(env, job->crc));
    napi_resolve_deferred(env, job->deferred, result);
    return;
  }
  const char *why = job->failure == STATELESS_OVERFLOW ? "Cannot deflate: the output has too little room"
                                                       : "Cannot deflate: no memory";
  napi_create_string_utf8(env, why, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, NULL, message, &result);
  napi_reject_deferred(env, job->deferred, result);
}

static void dispose(napi_env env, struct job *job) {
  if (job->block_reference != NULL) napi_delete_reference(env, job->block_reference);
  if (job->output_reference != NULL) napi_delete_reference(env, job->output_reference);
  if (job->work != NULL) napi_delete_async_work(env, job->work);
  free(job);
}

static void deflate_done(napi_env env, napi_status status, void *data) {
  settle(env, data, status);
  dispose(env, data);
}

/* deflate(block, output): Promise<{ storedBytes, crc32 }> */
static napi_value deflate_block(napi_env env, napi_callback_info info) {
  napi_value values[2], promise, name;
  struct bytes block, output;
  if (!arguments_of(env, info, values, 2) || !bytes_of(env, values[0], &block) || !bytes_of(env, values[1], &output) ||
      block.length > MOST_BLOCK_BYTES || output.length > UINT32_MAX)
    return refuse(env, "Cannot deflate: give a Uint8Array of 1 GiB at most, and one for the result");
  struct job *job = calloc(1, sizeof *job);
  if (job == NULL) return refuse_as_kernel(env, ENOMEM);
  job->block = block;
  job->output = output;
  /* What it is until the thread has run. */
  job->failure = ISAL_INVALID_STATE;
  if (napi_create_reference(env, values[0], 1, &job->block_reference) == napi_ok &&
      napi_create_reference(env, values[1], 1, &job->output_reference) == napi_ok &&
      napi_create_string_utf8(env, "deflate", NAPI_AUTO_LENGTH, &name) == napi_ok &&
      napi_create_async_work(env, NULL, name, deflate_in_thread, deflate_done, job, &job->work) == napi_ok &&
      napi_create_promise(env, &job->deferred, &promise) == napi_ok &&
      napi_queue_async_work(env, job->work) == napi_ok)
    return promise;
  dispose(env, job);
  return refuse(env, "Cannot deflate: Node refuses");
}

/* freeAtOnce(). glibc raises the threshold by itself to the largest piece that was freed, up to 32 MiB, and keeps what
 * is below: 7 of 140 MiB, and more of what is read ahead. */
static napi_value free_at_once(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  return NULL;
}

/* Of a mapping in smaps (proc(5)): whether it is of `program`, and of pages that nobody may write to. */
static bool is_of_program(const char *line, const char *program, uintptr_t *start, uintptr_t *end, bool *is_program) {
  char permissions[5];
  int name = 0;
  unsigned long from, to;
  if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &from, &to, permissions, &name) != 3 || name == 0) return false;
  *start = from;
  *end = to;
  *is_program = permissions[1] == '-' && permissions[3] == 'p' && strcmp(line + name, program) == 0;
  return true;
}

/* What was written to before it was made read-only is in no file, and stays. */
static void discard_program_pages(const char *program, FILE *smaps) {
  char *line = NULL;
  size_t room = 0;
  uintptr_t start = 0, end = 0;
  bool is_program = false;
  unsigned long kilobytes;
  while (getline(&line, &room, smaps) > 0) {
    if (is_of_program(line, program, &start, &end, &is_program)) continue;
    if (sscanf(line, "Anonymous: %lu", &kilobytes) == 1 || sscanf(line, "Swap: %lu", &kilobytes) == 1)
      is_program = is_program && kilobytes == 0;
    /* The last line of each. */
    if (strncmp(line, "VmFlags:", 8) == 0 && is_program) madvise((void *)start, end - start, MADV_DONTNEED);
  }
  free(line);
}

/* giveBack(). The kernel maps up to 512 KiB around each byte of a program that was needed once: of 110 MiB, 60 are
 * mapped once it has started, and 20 are needed to go on. */
static napi_value give_back(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  char program[PATH_MAX + 1];
  ssize_t length = readlink("/proc/self/exe", program, PATH_MAX - 1);
  FILE *smaps = fopen("/proc/self/smaps", "re");
  if (smaps != NULL && length > 0) {
    /* As a line ends. */
    memcpy(program + length, "\n", 2);
    discard_program_pages(program, smaps);
  }
  if (smaps != NULL) fclose(smaps);
  malloc_trim(0);
  return NULL;
}

static int64_t milliseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What read(2) says, once there is something to read; -EAGAIN: there is nothing until then. */
static ssize_t read_until(int fd, uint8_t *at, size_t length, int64_t deadline) {
  for (;;) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int64_t left = deadline - milliseconds_now();
    int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
    if (ready < 0 && errno != EINTR) return -errno;
    if (ready == 0 && left <= 0) return -EAGAIN;
    if (ready <= 0) continue;
    ssize_t bytes = read(fd, at, length);
    if (bytes >= 0) return bytes;
    /* Another reader of the same pipe was faster. */
    if (errno != EINTR && errno != EAGAIN) return -errno;
    if (left <= 0) return -EAGAIN;
  }
}

/* read(fd, buffer, at, lengthBytes, milliseconds): bytes; at the end of the file -1 - bytes */
static napi_value read_some(napi_env env, napi_callback_info info) {
  napi_value values[5];
  struct bytes buffer;
  int64_t fd, at, length, patience;
  if (!arguments_of(env, info, values, 5) || !number_of(env, values[0], INT32_MAX, &fd) ||
      !bytes_of(env, values[1], &buffer) || !number_of(env, values[2], buffer.length, &at) ||
      !number_of(env, values[3], buffer.length - at, &length) ||
      !number_of(env, values[4], MOST_MILLISECONDS, &patience))
    return refuse(env, "Cannot read: give a descriptor, a Uint8Array, what of it, and up to an hour in milliseconds");
  int64_t deadline = milliseconds_now() + patience;
  int64_t filled = 0;
  while (filled < length) {
    ssize_t bytes = read_until(fd, buffer.at + at + filled, length - filled, deadline);
    if (bytes == 0) return number(env, -1 - filled);
    if (bytes == -EAGAIN) break;
    /* Said again by the next call, if some came before. */
    if (bytes < 0) return filled > 0 ? number(env, filled) : refuse_as_kernel(env, -bytes);
    filled += bytes;
  }
  return number(env, filled);
}

enum { MOST_NAMESPACES = 8, MOST_KEPT = 2, MOST_WORDS = 64, MOST_COMMAND_BYTES = 64 * 1024, PATIENCE_MILLISECONDS = 5000 };

/* A program that is to run elsewhere. */
struct stranger {
  int namespaces[MOST_NAMESPACES], kept[MOST_KEPT];
  size_t namespace_count, kept_count;
  int root;
  char *words[MOST_WORDS + 1];
};

static void fail(int report) {
  int error = errno;
  if (write(report, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

/* What a namespace of processes holds is who is forked from now on, so it takes a second fork. Both are in a session of
 * their own, by which they can be ended. Between fork and exec only what is safe in a signal handler is called: other
 * threads of ours held locks that nobody opens any more. */
static void go(const struct stranger *stranger, int report) {
  setsid();
  for (size_t index = 0; index < stranger->namespace_count; index++)
    if (setns(stranger->namespaces[index], 0) != 0) fail(report);
  if (fchdir(stranger->root) != 0 || chroot(".") != 0) fail(report);
  pid_t child = fork();
  if (child < 0) fail(report);
  if (child > 0) _exit(0);
  for (size_t index = 0; index < stranger->kept_count; index++)
    if (fcntl(stranger->kept[index], F_SETFD, 0) != 0) fail(report);
  /* Node ignores it, and who is ignored by stays so. */
  signal(SIGPIPE, SIG_DFL);
  char *nothing[] = {NULL};
  execve(stranger->words[0], stranger->words, nothing);
  fail(report);
}

/* 0: it runs. */
static int start_stranger(const struct stranger *stranger) {
  int report[2], error = 0;
  if (pipe2(report, O_CLOEXEC) != 0) return errno;
  pid_t child = fork();
  if (child == 0) go(stranger, report[1]);
  if (child < 0) error = errno;
  close(report[1]);
  if (child > 0) {
    ssize_t bytes = read_until(report[0], (uint8_t *)&error, sizeof error, milliseconds_now() + PATIENCE_MILLISECONDS);
    if (bytes < 0) {
      error = bytes == -EAGAIN ? ETIMEDOUT : -bytes;
      kill(-child, SIGKILL);
      kill(child, SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, bytes < 0 ? WNOHANG : 0);
    /* Killed before it could say anything. */
    if (bytes == 0 && status != 0) error = ECHILD;
  }
  close(report[0]);
  return error;
}

static bool descriptors_of(napi_env env, napi_value value, int *descriptors, uint32_t most, size_t *count) {
  uint32_t length = 0;
  if (napi_get_array_length(env, value, &length) != napi_ok || length > most) return false;
  for (uint32_t index = 0; index < length; index++) {
    napi_value element;
    int64_t fd;
    if (napi_get_element(env, value, index, &element) != napi_ok || !number_of(env, element, INT32_MAX, &fd)) return false;
    descriptors[index] = (int)fd;
  }
  *count = length;
  return true;
}

/* Each ends with a NUL. */
static bool words_of(struct bytes bytes, char **words) {
  if (bytes.length == 0 || bytes.length > MOST_COMMAND_BYTES || bytes.at[bytes.length - 1] != 0) return false;
  size_t count = 0;
  for (size_t at = 0; at < bytes.length; at += strlen((char *)bytes.at + at) + 1) {
    if (count == MOST_WORDS) return false;
    words[count++] = (char *)bytes.at + at;
  }
  words[count] = NULL;
  return true;
}

/* startIn(namespaces, root, command, kept): starts a program in other namespaces, with another root, without an
 * environment, and with what `kept` has of our descriptors. */
static napi_value start_in(napi_env env, napi_callback_info info) {
  napi_value values[4], nothing = NULL;
  struct stranger stranger = {0};
  struct bytes command;
  int64_t root;
  if (!arguments_of(env, info, values, 4) ||
      !descriptors_of(env, values[0], stranger.namespaces, MOST_NAMESPACES, &stranger.namespace_count) ||
      !number_of(env, values[1], INT32_MAX, &root) || !bytes_of(env, values[2], &command) ||
      !words_of(command, stranger.words) ||
      !descriptors_of(env, values[3], stranger.kept, MOST_KEPT, &stranger.kept_count))
    return refuse(env, "Cannot start: give descriptors of namespaces and of a root, words that end with NUL, descriptors");
  stranger.root = (int)root;
  int error = start_stranger(&stranger);
  if (error != 0) return refuse_as_kernel(env, error);
  napi_get_undefined(env, &nothing);
  return nothing;
}

NAPI_MODULE_INIT() {
  napi_value version;
  if (napi_create_string_utf8(env, ISAL_VERSION, NAPI_AUTO_LENGTH, &version) != napi_ok ||
      napi_set_named_property(env, exports, "version", version) != napi_ok)
    return NULL;
  const struct {
    const char *name;
    napi_callback call;
  } functions[] = {
      {"deflate", deflate_block},
      {"freeAtOnce", free_at_once},
      {"giveBack", give_back},
      {"read", read_some},
      {"startIn", start_in},
  };
  for (size_t index = 0; index < sizeof functions / sizeof *functions; index++) {
    napi_value made;
    if (napi_create_function(env, functions[index].name, NAPI_AUTO_LENGTH, functions[index].call, NULL, &made) !=
            napi_ok ||
        napi_set_named_property(env, exports, functions[index].name, made) != napi_ok)
      return NULL;
  }
  return exports;
}
