/*
 * A relay agent with many PXE clients behind it: full exchanges (DISCOVER, OFFER, REQUEST, ACK) as fast as the server
 * answers or at a given rate, and how long each took.
 *
 *   dhcpload --own 10.9.0.2 --server 10.9.0.1 --clients 1000 --discover HEX --request HEX [--port 67]
 *            [--seed 1] [--retry-ms 1000] [--tries 4]
 *
 * Phases are read from standard input, one a line, and answered with one line of JSON each:
 *
 *   fill UNDER_WAY              each client once
 *   closed UNDER_WAY SECONDS    so many exchanges always under way, the clients in turn
 *   open PER_SECOND SECONDS     so many begun per second, whatever comes back; timed from when each was due
 *
 * HEX is a recorded request; MAC, xid, giaddr and options 50, 54 and 97 become each client's own. A request without
 * answer is sent again after the retry time, with the same xid; an exchange without answer to all tries is unanswered.
 */
#define _GNU_SOURCE
#include "../load/load.h"
#include "holders.h"
#include "wire.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define BATCH 64
#define TIMERS (1u << 20)
#define ONE_SECOND_NS 1000000000LL

/* state: 0, or the type of the request that waits for its answer. `sending` tells a timer whether it is outdated. */
typedef struct { uint32_t xid, leased, offered, server, sending; int state, tries; long long begun_ns; } client;

static struct {
  int socket, count, tries, under_way;
  uint32_t own, seed;
  long long retry_ns, until_ns;
  recorded discover, request;
  client *all;
  uint32_t next, xids;
} load;

static struct {
  long begun, done, in_time, no_offer, no_ack, unanswered, naks, doubles, moved, strays, late_begun;
  durations took;
} seen;

/* All timers run equally long, so the first set is the first to go off. */
static struct { uint32_t client, sending; long long due_ns; } timers[TIMERS];
static uint32_t first_timer, past_timer;

static struct { unsigned char bytes[BATCH][MAX_REQUEST]; struct iovec part[BATCH]; struct mmsghdr message[BATCH]; int count; } out;

static void send_all(void) {
  for (int sent = 0; sent < out.count;) {
    int now = sendmmsg(load.socket, out.message + sent, out.count - sent, 0);
    if (now < 0 && errno != EINTR && errno != ECONNREFUSED) die("sendmmsg");
    sent += now > 0 ? now : errno == ECONNREFUSED;
  }
  out.count = 0;
}

static void send_request(uint32_t index, long long now) {
  client *c = &load.all[index];
  const recorded *r = c->state == DISCOVER ? &load.discover : &load.request;
  if (out.count == BATCH) send_all();
  unsigned char *b = out.bytes[out.count];
  out.part[out.count] = (struct iovec){b, r->length};
  out.message[out.count].msg_hdr = (struct msghdr){.msg_iov = &out.part[out.count], .msg_iovlen = 1};
  out.count++;
  memcpy(b, r->bytes, r->length);
  b[HOPS] = 1;
  memcpy(b + XID, &c->xid, 4), memcpy(b + GIADDR, &load.own, 4), mac_of(index, load.seed, b + CHADDR);
  if (r->machine) mac_of(index, load.seed, b + r->machine + 11);
  if (r->address) memcpy(b + r->address, &c->offered, 4);
  if (r->server) memcpy(b + r->server, &c->server, 4);
  c->tries++, c->sending++;
  timers[past_timer % TIMERS].client = index, timers[past_timer % TIMERS].sending = c->sending;
  timers[past_timer++ % TIMERS].due_ns = now + load.retry_ns;
  if (past_timer - first_timer >= TIMERS) fprintf(stderr, "too many requests are under way\n"), exit(1);
}

/* Begins the next idle client's exchange; 0 when all are busy. */
static int begin(long long due, long long now) {
  for (int looked = 0; looked < load.count; looked++) {
    uint32_t index = load.next++ % load.count;
    client *c = &load.all[index];
    if (c->state != 0) continue;
    c->xid = (++load.xids * 2654435761u) ^ load.seed;
    c->state = DISCOVER, c->tries = 0, c->begun_ns = due;
    load.under_way++, seen.begun++;
    send_request(index, now);
    return 1;
  }
  return 0;
}

static void end(client *c) { c->state = 0, c->sending++, load.under_way--; }

static void on_ack(uint32_t index, client *c, const reply *r, long long now) {
  if (c->leased != 0 && c->leased != r->address) seen.moved++;
  if (take_address(index, r->address, c->leased) != NOBODY) seen.doubles++;
  c->leased = r->address;
  add_duration(&seen.took, (now - c->begun_ns) / 1e6);
  seen.done++, seen.in_time += now < load.until_ns;
  end(c);
}

static void on_reply(const unsigned char *bytes, int length, long long now) {
  reply r = read_reply(bytes, length, load.seed);
  if (r.type == 0 || r.client >= (uint32_t)load.count) return (void)seen.strays++;
  client *c = &load.all[r.client];
  if (c->state == 0 || r.xid != c->xid) return (void)seen.strays++;
  if (r.type == OFFER && c->state == DISCOVER) {
    c->state = REQUEST, c->tries = 0, c->offered = r.address, c->server = r.server;
    send_request(r.client, now);
  } else if (r.type == ACK && c->state == REQUEST) on_ack(r.client, c, &r, now);
  else if (r.type == NAK && c->state == REQUEST) {
    seen.naks++, c->state = DISCOVER, c->tries = 0;
    send_request(r.client, now);
  } else seen.strays++;
}

static void receive(void) {
  static unsigned char bytes[BATCH][2048];
  static struct iovec part[BATCH];
  static struct mmsghdr message[BATCH];
  for (int i = 0; i < BATCH; i++) {
    part[i] = (struct iovec){bytes[i], sizeof bytes[i]};
    message[i].msg_hdr = (struct msghdr){.msg_iov = &part[i], .msg_iovlen = 1};
  }
  int count = recvmmsg(load.socket, message, BATCH, MSG_DONTWAIT, NULL);
  long long now = now_ns();
  for (int i = 0; i < count; i++) on_reply(bytes[i], message[i].msg_len, now);
}

static void go_off(long long now) {
  for (; first_timer != past_timer && timers[first_timer % TIMERS].due_ns <= now; first_timer++) {
    uint32_t index = timers[first_timer % TIMERS].client;
    client *c = &load.all[index];
    if (c->sending != timers[first_timer % TIMERS].sending || c->state == 0) continue;
    if (c->state == DISCOVER) seen.no_offer++;
    else seen.no_ack++;
    if (c->tries < load.tries) send_request(index, now);
    else seen.unanswered++, end(c);
  }
}

static void wait_for_reply(long long at_most_ns) {
  struct pollfd p = {load.socket, POLLIN, 0};
  struct timespec t = {0, at_most_ns < 0 ? 0 : at_most_ns > 20000000 ? 20000000 : at_most_ns};
  if (ppoll(&p, 1, &t, NULL) > 0) receive();
}

static void report(const char *phase, double asked, double seconds, double cpu) {
  printf("{\"phase\": \"%s\", \"asked\": %g, \"seconds\": %.4f, \"dora\": %ld, \"doraPerSecond\": %.1f, ", phase, asked, seconds,
         seen.done, seen.in_time / seconds);
  printf("\"p50Ms\": %.4f, \"p99Ms\": %.4f, \"maxMs\": %.4f, ", percentile(&seen.took, 0.5), percentile(&seen.took, 0.99),
         percentile(&seen.took, 1));
  printf("\"noOffer\": %ld, \"noAck\": %ld, \"unanswered\": %ld, \"naks\": %ld, \"doubleAddresses\": %ld, ", seen.no_offer,
         seen.no_ack, seen.unanswered, seen.naks, seen.doubles);
  printf("\"movedAddresses\": %ld, \"strayReplies\": %ld, \"notBegun\": %ld, \"clientCpuSeconds\": %.3f}\n", seen.moved, seen.strays,
         seen.late_begun, cpu);
  fflush(stdout);
}

/* fill: `seconds` is 0, each client once. open: `rate` per second; else `under_way` always. */
static void run(const char *phase, double asked, int under_way, double rate, double seconds) {
  free(seen.took.ms);
  memset(&seen, 0, sizeof seen);
  int is_fill = seconds <= 0;
  double cpu = cpu_seconds();
  long long begun = now_ns(), due = begun, now = begun, step = rate > 0 ? ONE_SECOND_NS / rate : 0;
  if (is_fill) load.next = 0;
  load.until_ns = is_fill ? INT64_MAX : begun + seconds * ONE_SECOND_NS;
  for (;;) {
    int may_begin = is_fill ? seen.begun < load.count : now < load.until_ns;
    if (!may_begin && load.under_way == 0) break;
    if (may_begin && step == 0)
      while (load.under_way < under_way && (!is_fill || seen.begun < load.count) && begin(now, now)) continue;
    for (; may_begin && step > 0 && due <= now; due += step)
      if (!begin(due, now)) seen.late_begun++;
    send_all();
    wait_for_reply(may_begin && step > 0 ? due - now_ns() : 20000000);
    now = now_ns();
    go_off(now);
  }
  report(phase, asked, is_fill ? (now - begun) / 1e9 : seconds, cpu_seconds() - cpu);
}

static void open_socket(int argc, char **argv) {
  int room = 8 << 20, port = number(argc, argv, "port", 67);
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)}, server = own;
  if (inet_pton(AF_INET, option(argc, argv, "own", ""), &own.sin_addr) != 1 ||
      inet_pton(AF_INET, option(argc, argv, "server", ""), &server.sin_addr) != 1)
    fprintf(stderr, "--own and --server want IPv4 addresses\n"), exit(2);
  load.own = own.sin_addr.s_addr;
  load.socket = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(load.socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  if (bind(load.socket, (struct sockaddr *)&own, sizeof own) != 0) die("bind");
  if (connect(load.socket, (struct sockaddr *)&server, sizeof server) != 0) die("connect");
}

int main(int argc, char **argv) {
  char line[200];
  load.count = number(argc, argv, "clients", 1000), load.seed = number(argc, argv, "seed", 1);
  load.retry_ns = number(argc, argv, "retry-ms", 1000) * 1000000, load.tries = number(argc, argv, "tries", 4);
  load.discover = read_recorded(option(argc, argv, "discover", ""), "--discover");
  load.request = read_recorded(option(argc, argv, "request", ""), "--request");
  load.all = calloc(load.count, sizeof *load.all);
  if (load.count < 1 || load.count > SLOTS / 4 || !load.all) fprintf(stderr, "--clients: 1 to %d\n", SLOTS / 4), exit(2);
  prctl(PR_SET_TIMERSLACK, 1);
  open_socket(argc, argv);
  while (fgets(line, sizeof line, stdin)) {
    double a = 0, seconds = 0;
    if (sscanf(line, "fill %lf", &a) == 1 && a >= 1) run("fill", a, a, 0, 0);
    else if (sscanf(line, "closed %lf %lf", &a, &seconds) == 2 && a >= 1 && seconds > 0) run("closed", a, a, 0, seconds);
    else if (sscanf(line, "open %lf %lf", &a, &seconds) == 2 && a > 0 && seconds > 0) run("open", a, 0, a, seconds);
    else fprintf(stderr, "not a phase: %s", line), exit(2);
  }
  return 0;
}
