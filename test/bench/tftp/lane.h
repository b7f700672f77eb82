/* One lane of tftpload: the client's side of one transfer at a time, and the late sending that stands for distance. */
#ifndef GODWIT_LANE_H
#define GODWIT_LANE_H
#include "../load/load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_DATAGRAM 9216
#define MAX_SENT 512
#define TRIES 6

/* What all lanes share: what to do, and what came of it. */
static struct {
  struct sockaddr_in server;
  const char *file;
  const unsigned char *reference;
  long long size;
  int blksize, window, transfers, epoll, loss_ppm;
  long long rtt_ns, timeout_ns, until_ns;
  uint64_t seed;
  int begun, running, failures, agreed_blksize, agreed_window;
  long timeouts, gaps, repeated, dropped;
  long long counted_bytes, received_bytes;
  durations done;
  char first_failure[160];
} load;

typedef struct {
  int fd, number; /* fd is -1 between transfers */
  int connected, tries, sent_bytes;
  int blksize, window, in_window;
  long long last;  /* last block taken in order */
  long long ahead; /* highest block seen beyond a gap already reported; 0 when there is none */
  long long started_ns, deadline_ns;
  uint64_t random;
  unsigned char sent[MAX_SENT]; /* the last datagram sent, to be repeated */
} lane;

/* Datagrams that leave later. The delay is the same for all, so the first in is the first out. */
typedef struct { long long due_ns; int fd, bytes, closes, to_server; unsigned char datagram[MAX_SENT]; } late;
#define LATE 16384
static struct { late ring[LATE]; int first, count; } delayed;

static void put(int fd, const unsigned char *datagram, int bytes, int to_server) {
  /* One that cannot be sent is one that was lost. */
  if (to_server) sendto(fd, datagram, bytes, 0, (struct sockaddr *)&load.server, sizeof load.server);
  else send(fd, datagram, bytes, 0);
}

static void send_due(long long now) {
  while (delayed.count > 0 && delayed.ring[delayed.first].due_ns <= now) {
    late *d = &delayed.ring[delayed.first];
    if (d->bytes > 0) put(d->fd, d->datagram, d->bytes, d->to_server);
    if (d->closes) close(d->fd);
    delayed.first = (delayed.first + 1) % LATE;
    delayed.count--;
  }
}

static void send_late(int fd, const unsigned char *datagram, int bytes, int to_server, int closes, long long now) {
  if (load.rtt_ns == 0) {
    if (bytes > 0) put(fd, datagram, bytes, to_server);
    if (closes) close(fd);
    return;
  }
  if (delayed.count == LATE) send_due(now + load.rtt_ns);
  late *d = &delayed.ring[(delayed.first + delayed.count++) % LATE];
  *d = (late){.due_ns = now + load.rtt_ns, .fd = fd, .bytes = bytes, .closes = closes, .to_server = to_server};
  memcpy(d->datagram, datagram, bytes);
}

static void send_again(lane *l, long long now) {
  l->deadline_ns = now + load.timeout_ns;
  send_late(l->fd, l->sent, l->sent_bytes, !l->connected, 0, now);
}

static void send_ack(lane *l, long long now) {
  l->sent[0] = 0, l->sent[1] = 4, l->sent[2] = l->last >> 8 & 255, l->sent[3] = l->last & 255;
  l->sent_bytes = 4;
  l->in_window = 0;
  send_again(l, now);
}

static void end(lane *l, long long now) {
  epoll_ctl(load.epoll, EPOLL_CTL_DEL, l->fd, NULL);
  send_late(l->fd, l->sent, 0, 0, 1, now);
  l->fd = -1;
  load.running--;
}

static void fail(lane *l, const char *reason, long long now) {
  if (load.failures++ == 0) {
    snprintf(load.first_failure, sizeof load.first_failure, "%s", reason);
    for (char *c = load.first_failure; *c; c++)
      if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\') *c = '?';
  }
  end(l, now);
}

/* Each transfer has a port of its own, as RFC 1350 wants, and its own row of random numbers. */
static void begin(lane *l, long long now) {
  int number = l->number, room = 1 << 20;
  *l = (lane){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), .number = number, .blksize = 512, .window = 1};
  if (l->fd < 0) die("socket");
  setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  l->random = (load.seed * 0x9e3779b97f4a7c15 + load.begun + 1) * 0xbf58476d1ce4e5b9 | 1;
  load.begun++, load.running++;
  int at = 2;
  l->sent[1] = 1;
  at += snprintf((char *)l->sent + at, MAX_SENT - at, "%.200s%coctet%cblksize%c%d%c", load.file, 0, 0, 0, load.blksize, 0);
  if (load.window > 1) at += snprintf((char *)l->sent + at, MAX_SENT - at, "windowsize%c%d%c", 0, load.window, 0);
  l->sent_bytes = at;
  l->started_ns = now;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = l};
  epoll_ctl(load.epoll, EPOLL_CTL_ADD, l->fd, &event);
  send_again(l, now);
}

static int is_lost(lane *l) {
  l->random ^= l->random << 13, l->random ^= l->random >> 7, l->random ^= l->random << 17;
  return (l->random >> 11) % 1000000 < (uint64_t)load.loss_ppm;
}

static void on_timeout(lane *l, long long now) {
  load.timeouts++;
  l->in_window = l->ahead = 0;
  if (++l->tries >= TRIES) fail(l, "no progress in six timeouts", now);
  else if (l->last > 0) send_ack(l, now);
  else send_again(l, now);
}

static void take_oack(lane *l, unsigned char *bytes, int length, long long now) {
  if (l->last > 0) return;
  bytes[length] = 0;
  for (int at = 2; at < length;) {
    const char *name = (char *)bytes + at, *value = name + strlen(name) + 1;
    if ((unsigned char *)value >= bytes + length) break;
    if (strcasecmp(name, "blksize") == 0) l->blksize = atoi(value);
    if (strcasecmp(name, "windowsize") == 0) l->window = atoi(value);
    at = value + strlen(value) + 1 - (char *)bytes;
  }
  if (l->blksize < 8 || l->blksize > load.blksize || l->window < 1 || l->window > load.window) fail(l, "the OACK grants what was not asked", now);
  else send_ack(l, now);
}

static void take_expected(lane *l, const unsigned char *data, int bytes, long long now) {
  long long offset = l->last * (long long)l->blksize;
  if (offset + bytes > load.size || memcmp(data, load.reference + offset, bytes) != 0) return fail(l, "wrong bytes", now);
  l->last++, l->in_window++, l->tries = 0, l->ahead = 0;
  l->deadline_ns = now + load.timeout_ns;
  if (now < load.until_ns) load.counted_bytes += bytes;
  if (bytes < l->blksize) {
    load.agreed_blksize = l->blksize, load.agreed_window = l->window;
    send_ack(l, now);
    if (offset + bytes != load.size) return fail(l, "too short", now);
    add_duration(&load.done, (now - l->started_ns) / 1e6);
    end(l, now);
  } else if (l->in_window >= l->window) send_ack(l, now);
}

/* RFC 7440 §4: a block beyond a gap is answered at once with the last one before it, once for each window sent. */
static void take_data(lane *l, const unsigned char *bytes, int length, long long now) {
  if (load.loss_ppm && is_lost(l)) return (void)load.dropped++;
  int distance = (int16_t)((bytes[2] << 8 | bytes[3]) - (int)((l->last + 1) & 0xffff));
  if (distance == 0) return take_expected(l, bytes + 4, length - 4, now);
  if (distance < 0) {
    load.repeated++;
    /* The server did not hear our ACK of a whole window, or is impatient. */
    if (distance == -1 && l->in_window == 0 && l->last > 0) send_ack(l, now);
    return;
  }
  long long block = l->last + 1 + distance;
  if (l->ahead == 0 || block <= l->ahead) load.gaps++, send_ack(l, now);
  l->ahead = block;
}

static void take(lane *l, unsigned char *bytes, int length, const struct sockaddr_in *from, long long now) {
  load.received_bytes += length;
  if (length < 4 || from->sin_addr.s_addr != load.server.sin_addr.s_addr) return;
  if (!l->connected) {
    if (connect(l->fd, (const struct sockaddr *)from, sizeof *from) != 0) die("connect");
    l->connected = 1;
  }
  if (bytes[1] == 3) take_data(l, bytes, length, now);
  else if (bytes[1] == 6) take_oack(l, bytes, length, now);
  else if (bytes[1] == 5) bytes[length] = 0, fail(l, length > 4 ? (char *)bytes + 4 : "ERROR", now);
}
#endif
