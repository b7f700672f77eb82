#include "deputy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Old machines have an older call of this name, for seconds of 32 bits. */
#ifdef SYS_clock_gettime64
enum { SYS_CLOCK_GETTIME = SYS_clock_gettime64 };
#else
enum { SYS_CLOCK_GETTIME = SYS_clock_gettime };
#endif

enum {
	/* Milliseconds in which a door has to say that it is served. Behind a shim nobody knows of us. They are waited one
	 * tick after the other: while the whole machine stands still, as one does whose host is busy, so does the count. */
	SHIM_PATIENCE_MS = 200,
	RUN_PATIENCE_MS = 10000,
	TICK_MS = 20,
	/* Milliseconds in which a served door has to say where, or "wait", or once more that it is served; behind a shim it
	 * gives up earlier by itself, so that it cannot start what runs here. */
	ANSWER_PATIENCE_MS = 10000,
	/* The process may run before we are told so, and then a signal is the process's: for so long it waits for that, and is
	 * ours only then. */
	SIGNAL_WAITS_MS = 100,
	STATUS_REFUSED = 125,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_LOST = 255,
};

#define NEVER INT64_MAX

/* Not by clock_gettime(3), which would look for a quicker way first (vdso(7)): that is worth it to whoever asks often. */
int64_t monotonic_ms(void) {
	struct timespec now;
	syscall(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void complain(const char *format, ...) {
	char line[1024];
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	if (size > 0) dprintf(2, "godwit: %s\n", line);
}

/* The door of this user: the folder is his alone, so the kernel vouches for both ends (unix(7)). */
static bool door_address(const char *path, struct sockaddr_un *address) {
	const char *run = getenv("GODWIT_RUN");
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	int size = path != NULL
		? snprintf(address->sun_path, sizeof address->sun_path, "%s", path)
		: snprintf(address->sun_path, sizeof address->sun_path, "%s/users/%u/run.sock",
		           run == NULL || *run == '\0' ? "/run/godwit" : run, geteuid());
	return size < (int)sizeof address->sun_path;
}

static int patience_ms(const struct options *options) {
	return options->shim ? SHIM_PATIENCE_MS : RUN_PATIENCE_MS;
}

int open_door(const struct options *options) {
	struct sockaddr_un address;
	/* A door that is stuck must not hold up the program: neither connect(2) nor the request may block for long. */
	const int most_ms = patience_ms(options);
	const struct timeval patience = {.tv_sec = most_ms / 1000, .tv_usec = most_ms % 1000 * 1000};
	if (!door_address(options->door, &address)) return -1;
	int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (door < 0) return -1;
	setsockopt(door, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(door, (struct sockaddr *)&address, sizeof address) == 0) return door;
	close(door);
	return -1;
}

static const char *message_of(const struct frame *frame) {
	const char *text = tagged_find(frame->payload, frame->size, 'M');
	return text == NULL ? "" : text;
}

static enum verdict fail(int *status, int value, const char *message) {
	if (*message != '\0') complain("%s", message);
	*status = value;
	return VERDICT_FAILED;
}

static enum verdict refused(const struct frame *frame, const struct options *options, int *status) {
	const char *kind = tagged_find(frame->payload, frame->size, 'k');
	if (options->shim) return VERDICT_HOME;
	if (kind != NULL && strcmp(kind, "not-found") == 0) return fail(status, STATUS_NOT_FOUND, message_of(frame));
	if (kind != NULL && strcmp(kind, "not-executable") == 0)
		return fail(status, STATUS_NOT_EXECUTABLE, message_of(frame));
	return fail(status, STATUS_REFUSED, message_of(frame));
}

/* Before the process runs, a signal is meant for us. The door sees the connection end and takes everything back. */
static void obey(int signals) {
	struct signalfd_siginfo info;
	while (read(signals, &info, sizeof info) == sizeof info) {
		int number = (int)info.ssi_signo;
		if (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU) stop_self(number);
		else if (would_end(number) && !(number == SIGPIPE && info.ssi_pid == (uint32_t)getpid()))
			die_of(number);
	}
}

enum readiness await_ready(int door, int signals, const struct options *options, struct inbox *in) {
	int ticks = patience_ms(options) / TICK_MS;
	struct frame frame;
	in->start = in->end = 0;
	for (;;) {
		struct pollfd fds[2] = {{.fd = door, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
		if (poll(fds, 2, TICK_MS) == 0 && --ticks == 0) return READY_NOT;
		if (fds[1].revents != 0) obey(signals);
		if (fds[0].revents == 0) continue;
		enum io_result filled = inbox_fill(in, door);
		int got = inbox_next(in, &frame);
		if (got == 1 && frame.type == FRAME_READY) return READY_TO_BE_ASKED;
		/* Read again as the answer that it is. */
		if (got == 1) in->start -= FRAME_HEADER_BYTES + frame.size;
		if (got == 1) return READY_WITH_ANSWER;
		if (got < 0 || filled == IO_CLOSED) return READY_NOT;
	}
}

/* Until somebody has said `placed`, nothing can have been started. */
struct talk {
	bool placed, heard;
	int64_t deadline_ms;
};

static enum verdict broken(const struct talk *talk, const struct options *options, int *status) {
	if (talk->placed)
		return fail(status, STATUS_LOST, "the connection broke at the start; whether the process ran is not known");
	if (options->shim) return VERDICT_HOME;
	return fail(status, STATUS_REFUSED, "no answer from godwit's agent or server on this machine");
}

/* Answers whether `verdict` is set. */
static bool follow(const struct frame *frame, struct talk *talk, const struct options *options, int *status,
                   enum verdict *verdict) {
	/* A door that is slow is no stuck one: patience begins anew with each sign of life. */
	if (frame->type == FRAME_READY) talk->deadline_ms = monotonic_ms() + ANSWER_PATIENCE_MS;
	else talk->heard = true;
	switch (frame->type) {
	case FRAME_STARTED: *verdict = VERDICT_STARTED; return true;
	case FRAME_HOME: *verdict = VERDICT_HOME; return true;
	case FRAME_REFUSED: *verdict = refused(frame, options, status); return true;
	case FRAME_FAILED: {
		const char *exit_status = tagged_find(frame->payload, frame->size, 'x');
		*verdict = fail(status, exit_status == NULL ? STATUS_REFUSED : atoi(exit_status), message_of(frame));
		return true;
	}
	case FRAME_DETACHED: {
		const char *id = tagged_find(frame->payload, frame->size, 'P');
		dprintf(1, "%s\n", id == NULL ? "" : id);
		*verdict = fail(status, 0, "");
		return true;
	}
	case FRAME_PLACED: talk->placed = true; return false;
	case FRAME_NOTICE: complain("%s", message_of(frame)); return false;
	default: return false;
	}
}

static int left_ms(int64_t until_ms) {
	int64_t left = until_ms - monotonic_ms();
	return until_ms == NEVER ? -1 : left > 0 ? (int)left : 0;
}

enum verdict await_verdict(int door, int signals, const struct options *options, struct inbox *in,
                           struct frame *started, int *status) {
	struct talk talk = {.deadline_ms = monotonic_ms() + ANSWER_PATIENCE_MS};
	enum verdict verdict;
	/* When the signals that have come meanwhile are taken. */
	int64_t obey_ms = NEVER;
	fcntl(door, F_SETFL, O_NONBLOCK);
	for (enum io_result filled = IO_DONE;;) {
		/* First what came together with `ready`. */
		int got;
		while ((got = inbox_next(in, started)) == 1)
			if (follow(started, &talk, options, status, &verdict)) return verdict;
		if (filled == IO_CLOSED || got < 0) return broken(&talk, options, status);
		struct pollfd fds[2] = {{.fd = door, .events = POLLIN}, {.fd = obey_ms == NEVER ? signals : -1, .events = POLLIN}};
		int64_t patient_ms = talk.heard ? NEVER : talk.deadline_ms;
		poll(fds, 2, left_ms(patient_ms < obey_ms ? patient_ms : obey_ms));
		int64_t now_ms = monotonic_ms();
		if (fds[1].revents != 0) obey_ms = now_ms + SIGNAL_WAITS_MS;
		if (now_ms >= obey_ms) {
			obey(signals);
			obey_ms = NEVER;
		}
		if (fds[0].revents != 0) filled = inbox_fill(in, door);
		else if (now_ms >= patient_ms) return broken(&talk, options, status);
	}
}
