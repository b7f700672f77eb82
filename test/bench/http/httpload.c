/*
 * Downloads one file by HTTP/1.1 over N connections at once, each the whole file once, and tells how fast that went, as
 * JSON.
 *
 *   httpload --host 10.9.0.1 --port 7080 --path /images/… --bytes 330000000 [--parallel 1] [--repeat 1]
 *            [--timeout-ms 120000]
 *
 * --repeat: that many rounds of N downloads, one after the other. Bodies are thrown away in the kernel (MSG_TRUNC), so
 * that the client costs little; status 200, Content-Length and the bytes that came are checked. Exit status 1 when a
 * download failed.
 */
#define _GNU_SOURCE
#include "../load/load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_BYTES 8192

typedef struct {
  int fd, head_bytes, in_body;
  long long body_bytes;
  long long started_ns;
  char head[HEAD_BYTES + 1];
} download;

static struct {
  struct sockaddr_in server;
  char request[1024];
  long long size, received;
  int epoll, running, failures;
  durations first, whole;
  char first_failure[160];
} load;

static void end(download *d, const char *failure) {
  if (failure && load.failures++ == 0) snprintf(load.first_failure, sizeof load.first_failure, "%s", failure);
  close(d->fd);
  d->fd = -1;
  load.running--;
}

static void begin(download *d) {
  *d = (download){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), .started_ns = now_ns()};
  if (d->fd < 0) die("socket");
  load.running++;
  if (connect(d->fd, (struct sockaddr *)&load.server, sizeof load.server) != 0 && errno != EINPROGRESS) return end(d, "connect failed");
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLONESHOT, .data.ptr = d};
  epoll_ctl(load.epoll, EPOLL_CTL_ADD, d->fd, &event);
}

/* What is wrong with the head, or NULL. */
static const char *judge_head(const char *head, long long size) {
  if (strncmp(head, "HTTP/1.1 200 ", 13) != 0) return "status is not 200";
  const char *length = strcasestr(head, "\r\ncontent-length:");
  if (!length) return "no Content-Length";
  return atoll(length + 17) == size ? NULL : "wrong Content-Length";
}

static void on_head(download *d) {
  int count = recv(d->fd, d->head + d->head_bytes, HEAD_BYTES - d->head_bytes, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return end(d, "connection closed before the head was whole");
  if (d->head_bytes == 0) add_duration(&load.first, (now_ns() - d->started_ns) / 1e6);
  d->head_bytes += count;
  d->head[d->head_bytes] = 0;
  char *blank = strstr(d->head, "\r\n\r\n");
  if (!blank) return d->head_bytes == HEAD_BYTES ? end(d, "the head is too long") : (void)0;
  blank[2] = 0;
  const char *wrong = judge_head(d->head, load.size);
  if (wrong) return end(d, wrong);
  d->in_body = 1;
  d->body_bytes = d->head_bytes - (blank + 4 - d->head);
}

/* One piece only: then the other connections have their turn. */
static void on_body(download *d) {
  ssize_t count = recv(d->fd, NULL, 4 << 20, MSG_TRUNC);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return end(d, "connection closed before the body was whole");
  d->body_bytes += count;
  load.received += count;
}

static void on_event(download *d, unsigned events) {
  if (d->fd < 0) return;
  if (events & EPOLLOUT) {
    int length = strlen(load.request);
    if (send(d->fd, load.request, length, MSG_NOSIGNAL) != length) return end(d, "connect or send failed");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = d};
    epoll_ctl(load.epoll, EPOLL_CTL_MOD, d->fd, &event);
    return;
  }
  if (d->in_body) on_body(d);
  else on_head(d);
  if (d->fd < 0 || !d->in_body || d->body_bytes < load.size) return;
  if (d->body_bytes > load.size) return end(d, "the body is too long");
  add_duration(&load.whole, (now_ns() - d->started_ns) / 1e6);
  end(d, NULL);
}

static void run_round(download *downloads, int parallel, long long timeout_ns) {
  struct epoll_event events[64];
  long long moved_ns = now_ns();
  for (int i = 0; i < parallel; i++) begin(&downloads[i]);
  while (load.running > 0) {
    int count = epoll_wait(load.epoll, events, 64, 100);
    long long now = now_ns();
    for (int i = 0; i < count; i++) on_event(events[i].data.ptr, events[i].events);
    if (count > 0) moved_ns = now;
    else if (now - moved_ns > timeout_ns)
      for (int i = 0; i < parallel; i++)
        if (downloads[i].fd >= 0) end(&downloads[i], "nothing came any more");
  }
}

int main(int argc, char **argv) {
  const char *path = option(argc, argv, "path", NULL), *host = option(argc, argv, "host", "127.0.0.1");
  int port = number(argc, argv, "port", 7080), parallel = number(argc, argv, "parallel", 1), repeat = number(argc, argv, "repeat", 1);
  load.size = number(argc, argv, "bytes", 0);
  if (!path || load.size < 1 || parallel < 1) return fprintf(stderr, "httpload --host A --port N --path P --bytes N …\n"), 2;
  load.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
  if (!inet_aton(host, &load.server.sin_addr)) return fprintf(stderr, "--host wants an IPv4 address\n"), 2;
  snprintf(load.request, sizeof load.request, "GET %.800s HTTP/1.1\r\nHost: %.64s\r\nConnection: close\r\n\r\n", path, host);
  download *downloads = calloc(parallel, sizeof *downloads);
  load.epoll = epoll_create1(0);
  long long started_ns = now_ns();
  double cpu = cpu_seconds();
  for (int i = 0; i < repeat; i++) run_round(downloads, parallel, number(argc, argv, "timeout-ms", 120000) * 1000000);
  double seconds = (now_ns() - started_ns) / 1e9;
  printf("{\"parallel\": %d, \"downloads\": %d, \"seconds\": %.4f, \"gigabytesPerSecond\": %.4f, ", parallel, load.whole.count,
         seconds, load.whole.count * (double)load.size / seconds / 1e9);
  printf("\"p50Ms\": %.3f, \"p99Ms\": %.3f, \"maxMs\": %.3f, ", percentile(&load.whole, 0.5), percentile(&load.whole, 0.99), percentile(&load.whole, 1));
  printf("\"firstByteP50Ms\": %.3f, \"firstByteP99Ms\": %.3f, \"firstByteMaxMs\": %.3f, ", percentile(&load.first, 0.5),
         percentile(&load.first, 0.99), percentile(&load.first, 1));
  printf("\"receivedBytes\": %lld, \"failures\": %d, \"clientCpuSeconds\": %.4f, \"firstFailure\": ", load.received, load.failures, cpu_seconds() - cpu);
  printf(load.failures ? "\"%s\"}\n" : "null}\n", load.first_failure);
  return load.failures ? 1 : 0;
}
