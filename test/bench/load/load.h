/* What the load clients share: clock, numbers on the command line, a list of durations, and the end with a message. */
#ifndef GODWIT_LOAD_H
#define GODWIT_LOAD_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* Nanoseconds of the monotonic clock. */
static inline long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* User and system seconds of this process. */
static inline double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

/* The value of `--name VALUE`, or `fallback`. */
static inline const char *option(int argc, char **argv, const char *name, const char *fallback) {
  for (int i = 1; i + 1 < argc; i++)
    if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, name) == 0) return argv[i + 1];
  return fallback;
}

static inline double number(int argc, char **argv, const char *name, double fallback) {
  const char *text = option(argc, argv, name, NULL);
  char *end = NULL;
  double value = text ? strtod(text, &end) : fallback;
  if (text && (*text == 0 || *end != 0)) {
    fprintf(stderr, "--%s wants a number, not \"%s\"\n", name, text);
    exit(2);
  }
  return value;
}

/* Durations in milliseconds. */
typedef struct { double *ms; int count, room; } durations;

static inline void add_duration(durations *d, double ms) {
  if (d->count == d->room) {
    d->room = d->room ? d->room * 2 : 1024;
    d->ms = realloc(d->ms, d->room * sizeof *d->ms);
    if (!d->ms) die("memory");
  }
  d->ms[d->count++] = ms;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Nearest-rank percentile, so p99 of fewer than 100 is the largest; 0 for none. Sorts the list. */
static inline double percentile(durations *d, double share) {
  if (d->count == 0) return 0;
  qsort(d->ms, d->count, sizeof *d->ms, by_size);
  int rank = (int)(share * d->count + 0.9999999);
  return d->ms[rank < 1 ? 0 : rank > d->count ? d->count - 1 : rank - 1];
}
#endif
