/*
 * Reads one file by TFTP (RFC 1350, 2347, 2348, 7440) many times at once and tells how fast that went, as JSON.
 *
 *   tftpload --host 10.9.0.1 --port 69 --file NAME --reference PATH [--blksize 1428] [--window 1] [--parallel 1]
 *            [--seconds 2 | --transfers N] [--rtt-us 0] [--loss-ppm 0] [--seed 1] [--timeout-ms 3000]
 *
 * Each lane reads the file again and again until the seconds are over (the rest of the last one is not counted in the
 * rate), or until there were N transfers in all. Every block is compared with the reference. --rtt-us: each datagram
 * we send leaves that late. --loss-ppm: that many of a million received DATA are thrown away, the same in each run
 * with the same seed. A transfer without progress in six timeouts has failed. Exit status 1 when one failed.
 */
#define _GNU_SOURCE
#include "../load/load.h"
#include "lane.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define BATCH 64

static void read_reference(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat s;
  if (fd < 0 || fstat(fd, &s) != 0) die(path);
  load.size = s.st_size;
  load.reference = s.st_size ? mmap(NULL, s.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0) : (void *)"";
  if (load.reference == MAP_FAILED) die("mmap");
  close(fd);
}

static int may_begin(long long now) {
  if (load.failures >= 100) return 0;
  return load.transfers > 0 ? load.begun < load.transfers : now < load.until_ns;
}

/* Takes all there is for one lane; a lane whose transfer ended begins the next. */
static void on_readable(lane *l) {
  static unsigned char bytes[BATCH][MAX_DATAGRAM];
  static struct iovec parts[BATCH];
  static struct mmsghdr messages[BATCH];
  static struct sockaddr_in from[BATCH];
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){bytes[i], load.blksize + 5 > 516 ? load.blksize + 5 : 516};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i], .msg_iovlen = 1};
  }
  int count = recvmmsg(l->fd, messages, l->window < BATCH ? l->window + 1 : BATCH, MSG_DONTWAIT, NULL);
  long long now = now_ns();
  for (int i = 0; i < count && l->fd >= 0; i++) take(l, bytes[i], messages[i].msg_len, &from[i], now);
  if (l->fd < 0 && may_begin(now)) begin(l, now);
}

static void run(lane *lanes, int parallel) {
  struct epoll_event events[256];
  long long looked_ns = now_ns();
  for (int i = 0; i < parallel && may_begin(looked_ns); i++) begin(&lanes[i], looked_ns);
  while (load.running > 0 || delayed.count > 0) {
    long long now = now_ns(), wait_ns = 20000000;
    if (delayed.count > 0 && delayed.ring[delayed.first].due_ns - now < wait_ns)
      wait_ns = delayed.ring[delayed.first].due_ns - now;
    struct timespec wait = {0, wait_ns > 0 ? wait_ns : 0};
    int count = epoll_pwait2(load.epoll, events, 256, &wait, NULL);
    for (int i = 0; i < count; i++) on_readable(events[i].data.ptr);
    now = now_ns();
    send_due(now);
    if (now - looked_ns < 10000000) continue;
    looked_ns = now;
    for (int i = 0; i < parallel; i++) {
      if (lanes[i].fd >= 0 && now >= lanes[i].deadline_ns) on_timeout(&lanes[i], now);
      if (lanes[i].fd < 0 && load.failures > 0 && may_begin(now)) begin(&lanes[i], now);
    }
  }
}

static void report(int parallel, double seconds, double cpu) {
  double rate = load.counted_bytes / seconds;
  double p50 = percentile(&load.done, 0.5), p99 = percentile(&load.done, 0.99), max = percentile(&load.done, 1);
  printf("{\"parallel\": %d, \"blockSizeBytes\": %d, \"windowSize\": %d, \"seconds\": %.4f, \"transfers\": %d, ", parallel,
         load.agreed_blksize, load.agreed_window, seconds, load.done.count);
  printf("\"megabytesPerSecond\": %.3f, \"transfersPerSecond\": %.3f, \"p50Ms\": %.3f, \"p99Ms\": %.3f, \"maxMs\": %.3f, ",
         rate / 1e6, load.size ? rate / load.size : load.done.count / seconds, p50, p99, max);
  printf("\"timeouts\": %ld, \"gaps\": %ld, \"repeatedBlocks\": %ld, \"droppedBlocks\": %ld, \"failures\": %d, ", load.timeouts,
         load.gaps, load.repeated, load.dropped, load.failures);
  printf("\"receivedBytes\": %lld, \"clientCpuSeconds\": %.4f, \"firstFailure\": ", load.received_bytes, cpu);
  printf(load.failures ? "\"%s\"}\n" : "null}\n", load.first_failure);
}

int main(int argc, char **argv) {
  const char *reference = option(argc, argv, "reference", NULL);
  load.file = option(argc, argv, "file", NULL);
  if (!reference || !load.file) return fprintf(stderr, "tftpload --host A --port N --file NAME --reference PATH …\n"), 2;
  read_reference(reference);
  load.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(number(argc, argv, "port", 69))};
  if (!inet_aton(option(argc, argv, "host", "127.0.0.1"), &load.server.sin_addr)) return fprintf(stderr, "--host wants an IPv4 address\n"), 2;
  load.blksize = number(argc, argv, "blksize", 1428);
  load.window = number(argc, argv, "window", 1);
  load.transfers = number(argc, argv, "transfers", 0);
  load.rtt_ns = number(argc, argv, "rtt-us", 0) * 1000;
  load.loss_ppm = number(argc, argv, "loss-ppm", 0);
  load.seed = number(argc, argv, "seed", 1);
  load.timeout_ns = number(argc, argv, "timeout-ms", 3000) * 1000000;
  int parallel = number(argc, argv, "parallel", 1);
  if (load.blksize < 8 || load.blksize + 5 > MAX_DATAGRAM || load.window < 1 || parallel < 1) return fprintf(stderr, "a number is out of range\n"), 2;
  lane *lanes = calloc(parallel, sizeof *lanes);
  for (int i = 0; i < parallel; i++) lanes[i] = (lane){.fd = -1, .number = i};
  load.epoll = epoll_create1(0);
  prctl(PR_SET_TIMERSLACK, 1000UL);
  long long started_ns = now_ns();
  double seconds = number(argc, argv, "seconds", 2), cpu = cpu_seconds();
  load.until_ns = load.transfers > 0 ? 0x7fffffffffffffff : started_ns + (long long)(seconds * 1e9);
  run(lanes, parallel);
  report(parallel, load.transfers > 0 || load.failures > 0 ? (now_ns() - started_ns) / 1e9 : seconds, cpu_seconds() - cpu);
  return load.failures ? 1 : 0;
}
