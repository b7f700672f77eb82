/*
 * Starts a command many times and tells how long each took from start to end, as JSON.
 *
 *   spawnload --runs N -- COMMAND...                one after the other
 *   spawnload --rate R --seconds S -- COMMAND...    R a second, each begun when it is due, whatever became of the others
 *
 * Times are in milliseconds: one after the other from the call that starts it, at a rate from the moment it was due,
 * until it could be waited for. A run fails that does not exit with 0. Input and output of the command are /dev/null.
 */
#define _GNU_SOURCE
#include "../load/load.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define MOST 65536
/* Nobody waits longer for the last of them. */
#define GRACE_NS 30000000000LL

static struct { pid_t pid; long long due_ns; } under_way[MOST];
static int running, most_running, failures;
static durations times;

static char **command_of(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i++)
    if (strcmp(argv[i], "--") == 0) return argv + i + 1;
  fprintf(stderr, "no command: spawnload --runs N -- COMMAND...\n");
  exit(2);
}

static pid_t start(char **command) {
  static posix_spawn_file_actions_t actions;
  static posix_spawnattr_t attributes;
  static int prepared;
  pid_t pid;
  if (!prepared) {
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    prepared = 1;
  }
  errno = posix_spawnp(&pid, command[0], &actions, &attributes, command, environ);
  if (errno != 0) die(command[0]);
  return pid;
}

static void one_after_the_other(int runs, char **command) {
  for (int i = 0; i < runs; i++) {
    int status;
    long long begun_ns = now_ns();
    pid_t pid = start(command);
    if (waitpid(pid, &status, 0) != pid) die("waitpid");
    add_duration(&times, (now_ns() - begun_ns) / 1e6);
    if (status != 0) failures++;
  }
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    int i = 0;
    while (i < running && under_way[i].pid != pid) i++;
    if (i == running) continue;
    if (status != 0) failures++;
    else add_duration(&times, (now_ns() - under_way[i].due_ns) / 1e6);
    under_way[i] = under_way[--running];
  }
}

static void at_a_rate(double rate, double seconds, char **command, long long *in_time) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  int ends = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
  long long begun_ns = now_ns(), until_ns = begun_ns + (long long)(seconds * 1e9);
  for (long long n = 0;;) {
    struct signalfd_siginfo info;
    long long due_ns = begun_ns + (long long)(n / rate * 1e9), now = now_ns();
    if (now < until_ns) *in_time = times.count;
    bool all = due_ns >= until_ns;
    if (all && (running == 0 || now > until_ns + GRACE_NS)) break;
    if (!all && due_ns <= now) {
      if (running == MOST) die("too many under way");
      under_way[running].due_ns = due_ns;
      under_way[running++].pid = start(command);
      if (running > most_running) most_running = running;
      n++;
    } else {
      struct pollfd fd = {.fd = ends, .events = POLLIN};
      long long wait_ns = all ? 100000000 : due_ns - now;
      struct timespec wait = {wait_ns / 1000000000, wait_ns % 1000000000};
      ppoll(&fd, 1, &wait, NULL);
    }
    while (read(ends, &info, sizeof info) == sizeof info) continue;
    reap();
  }
  failures += running;
}

int main(int argc, char **argv) {
  char **command = command_of(argc, argv);
  argc = (int)(command - argv) - 1;
  double rate = number(argc, argv, "rate", 0), seconds = number(argc, argv, "seconds", 1);
  long long in_time = 0;
  if (rate > 0) at_a_rate(rate, seconds, command, &in_time);
  else one_after_the_other((int)number(argc, argv, "runs", 1), command);
  printf("{\"failures\":%d,\"endedInTime\":%lld,\"mostUnderWay\":%d,\"ms\":[", failures, in_time, most_running);
  for (int i = 0; i < times.count; i++) printf("%s%.4f", i ? "," : "", times.ms[i]);
  printf("]}\n");
  return 0;
}
