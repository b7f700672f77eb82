#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a process may run for whose end we are still there for the next. Only shorter ones come in such numbers
 * that it matters, and they leave little behind in our buffers. */
enum { SHORT_MS = 1000 };
/* So long `started` waits for what may come after it. Most of what a script starts is over by then, and everybody on the
 * way home is woken once; whatever else is to be sent takes it along. */
enum { START_TOLD_AFTER_MS = 3 };
enum { SLOT_PEER, SLOT_SIGNALS, SLOT_INPUT, SLOT_STREAMS, SLOTS = SLOT_STREAMS + 3 };

static void note_stop(struct service *service, int status) {
	const unsigned char payload[1] = {(unsigned char)WSTOPSIG(status)};
	outbox_put(service->out, FRAME_STOPPED, payload, sizeof payload);
	/* The deputy gives the terminal back; whether the process wants it again is seen when it goes on. */
	service->stopped = true;
	service->raw = false;
	service->told = service->first;
}

static void note_going_on(struct service *service) {
	service->stopped = false;
	service->looks_since_ms = monotonic_ms();
	service->next_look_ms = service->looks_since_ms;
}

/* As getrusage(2) adds up RUSAGE_CHILDREN, which for us would tell of all processes so far. */
static void count(struct rusage *all, const struct rusage *one) {
	timeradd(&all->ru_utime, &one->ru_utime, &all->ru_utime);
	timeradd(&all->ru_stime, &one->ru_stime, &all->ru_stime);
	if (one->ru_maxrss > all->ru_maxrss) all->ru_maxrss = one->ru_maxrss;
}

static void reap(struct service *service) {
	int status;
	pid_t pid;
	struct rusage usage;
	while ((pid = wait4(-1, &status, WNOHANG | WUNTRACED | WCONTINUED, &usage)) > 0) {
		if (!WIFSTOPPED(status) && !WIFCONTINUED(status)) count(&service->used, &usage);
		if (pid != service->pid) continue;
		if (WIFCONTINUED(status)) note_going_on(service);
		else if (WIFSTOPPED(status)) note_stop(service, status);
		else {
			service->exited = true;
			service->wait_status = status;
		}
	}
	if (!service->exited) return;
	/* Nothing outlives the process here: at home nobody could see it, signal it or end it. */
	if (pid == 0) end_descendants(service->cgroup, -1);
	else service->drained = true;
}

static void close_slave(struct service *service) {
	if (service->stdio->slave < 0) return;
	close(service->stdio->slave);
	service->stdio->slave = -1;
}

static void send_credits(struct service *service) {
	unsigned char payload[5] = {0, 0, 0, 0, 1};
	if (service->input_granted && service->consumed > 0 &&
	    (service->consumed >= WINDOW_BYTES / 8 || service->input.used == 0)) {
		put_u32(payload, service->consumed);
		if (outbox_put(service->out, FRAME_CREDIT, payload, 4)) service->consumed = 0;
	}
	if (service->typed_consumed > 0) {
		put_u32(payload, service->typed_consumed);
		if (outbox_put(service->out, FRAME_CREDIT, payload, 5)) service->typed_consumed = 0;
	}
}

void stay_away(struct service *service) {
	if (service->listener >= 0) close(service->listener);
	service->listener = -1;
}

static bool is_start_held(const struct service *service) {
	if (service->exited || service->out->end - service->out->start != service->started_bytes) return false;
	return monotonic_ms() < service->begun_ms + START_TOLD_AFTER_MS;
}

static int patience_ms(struct service *service, bool held) {
	int look_ms = next_look_in_ms(service);
	if (held && (look_ms < 0 || look_ms > START_TOLD_AFTER_MS)) return START_TOLD_AFTER_MS;
	if (service->listener < 0) return look_ms;
	int64_t left_ms = service->begun_ms + SHORT_MS - monotonic_ms();
	if (left_ms <= 0) stay_away(service);
	return left_ms <= 0 || (look_ms >= 0 && look_ms < left_ms) ? look_ms : (int)left_ms;
}

static int wait_for_events(struct service *service, struct pollfd fds[SLOTS]) {
	bool held = is_start_held(service);
	struct stdio *stdio = service->stdio;
	for (int i = 0; i < SLOTS; i++) fds[i] = (struct pollfd){.fd = -1};
	if (!service->lost) fds[SLOT_PEER] = (struct pollfd){.fd = service->connection, .events = POLLIN};
	if (!held && service->out->end > service->out->start) fds[SLOT_PEER].events |= POLLOUT;
	fds[SLOT_SIGNALS] = (struct pollfd){.fd = service->signals, .events = POLLIN};
	if (stdio->in >= 0 && !service->input_closed_told)
		fds[SLOT_INPUT] = (struct pollfd){.fd = stdio->in, .events = service->input.used > 0 ? POLLOUT : 0};
	bool room = outbox_room(service->out) > FRAME_CHUNK_BYTES + 64;
	for (int which = 0; which < 3; which++) {
		struct stream *stream = &service->streams[which];
		short events = service->lost || (room && stream->credit > 0) ? POLLIN : 0;
		if (which == service->terminal_stream && service->typed.used > 0) events |= POLLOUT;
		/* Without events poll(2) would still tell of a hangup, again and again. */
		if (stream->fd >= 0 && events != 0) fds[SLOT_STREAMS + which] = (struct pollfd){.fd = stream->fd, .events = events};
	}
	return poll(fds, SLOTS, patience_ms(service, held));
}

static void serve_input(struct service *service, short events) {
	write_input(service);
	if ((events & POLLERR) == 0 || service->input_closed_told) return;
	/* pipe(7): nobody can read it any more. */
	service->input_closed_told = outbox_put(service->out, FRAME_STDIN_CLOSED, NULL, 0);
	service->input.used = 0;
}

static void lose(struct service *service) {
	service->lost = true;
	end_descendants(service->cgroup, service->pid);
}

static void take_frames(struct service *service) {
	struct frame frame;
	int got;
	while ((got = inbox_next(service->in, &frame)) == 1) take_peer_frame(service, &frame);
	if (got < 0) lose(service);
}

static void serve_peer(struct service *service, short events) {
	if (events == 0 || service->lost) return;
	enum io_result filled = inbox_fill(service->in, service->connection);
	take_frames(service);
	if (filled == IO_CLOSED && !service->lost) lose(service);
}

static void take_child_signal(struct service *service) {
	struct signalfd_siginfo info[4];
	while (read(service->signals, info, sizeof info) == sizeof info) continue;
	reap(service);
}

static bool is_over(struct service *service) {
	if (!service->exited || !service->drained) return false;
	if (service->lost) return true;
	close_slave(service);
	read_outputs(service);
	return outputs_drained(service) && send_ended(service);
}

void serve_process(struct service *service) {
	struct pollfd fds[SLOTS];
	fcntl(service->connection, F_SETFL, O_NONBLOCK);
	setup_terminal(service);
	service->begun_ms = service->looks_since_ms = service->next_look_ms = monotonic_ms();
	/* Some may have come with the request. */
	take_frames(service);
	/* It may have ended before the signal was watched. */
	reap(service);
	while (!is_over(service)) {
		look_for_demand(service);
		send_credits(service);
		if (!service->lost && !is_start_held(service) && outbox_flush(service->out, service->connection) == IO_CLOSED)
			lose(service);
		if (wait_for_events(service, fds) < 0 && errno != EINTR) break;
		if (fds[SLOT_SIGNALS].revents != 0) take_child_signal(service);
		serve_peer(service, fds[SLOT_PEER].revents);
		serve_input(service, fds[SLOT_INPUT].revents);
		read_outputs(service);
	}
	fcntl(service->connection, F_SETFL, 0);
	if (!service->lost) outbox_flush(service->out, service->connection);
}
