#include "deputy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* In the background nothing tells us when we come to the foreground: bash sends a running job no SIGCONT. */
	BACKGROUND_TICK_MS = 200,
	/* How long output that nobody takes may hold us up when the process is lost: who waits is to know within 15 s. */
	LOST_PATIENCE_MS = 1000,
	SLOT_DOOR = 0, SLOT_SIGNALS, SLOT_STDIN, SLOT_TERMINAL, SLOT_OUTPUTS, SLOTS = SLOT_OUTPUTS + 3,
};

/* A file that could not be opened by name over there is relayed after all. */
static void take_relayed_files(const struct frame *started, struct descriptors *them) {
	const char *at = NULL;
	while ((at = tagged_next(started->payload, started->size, at)) != NULL) {
		int fd;
		if (at[0] == 'S' && sscanf(at + 1, "%d pipe", &fd) == 1 && fd >= 0 && fd < 3) them->kind[fd] = KIND_PIPE;
	}
}

void start_relay(struct relay *relay, const struct descriptors *them, const struct frame *started) {
	struct descriptors kinds = *them;
	take_relayed_files(started, &kinds);
	open_outputs(relay, &kinds);
	relay->terminal_credit = TERMINAL_WINDOW_BYTES;
	relay->stdin_fd = -1;
	if (kinds.kind[0] != KIND_PIPE) return;
	int again = open_again(0, O_RDONLY);
	relay->stdin_fd = again < 0 ? 0 : again;
}

static void take_credit(struct relay *relay, const struct frame *frame) {
	if (frame->size < 4) return;
	uint32_t bytes = get_u32(frame->payload);
	if (frame->size >= 5 && frame->payload[4] == 1) relay->terminal_credit += bytes;
	else relay->stdin_credit += bytes;
}

static void close_stdin(struct relay *relay) {
	/* So that whoever writes to it gets the SIGPIPE that the process would have given him. */
	if (relay->stdin_fd > 0) close(relay->stdin_fd);
	if (relay->stdin_fd >= 0) close(0);
	relay->stdin_fd = -1;
}

static void take_frame(struct relay *relay, const struct frame *frame) {
	switch (frame->type) {
	case FRAME_STDOUT: take_output(relay, 1, frame); break;
	case FRAME_STDERR: take_output(relay, 2, frame); break;
	case FRAME_TERMINAL: take_output(relay, 0, frame); break;
	case FRAME_CREDIT: take_credit(relay, frame); break;
	case FRAME_MODE: want_terminal(relay, frame); break;
	case FRAME_STOPPED: stop_here(relay, frame->size < 1 ? SIGSTOP : frame->payload[0]); break;
	case FRAME_STDIN_CLOSED: close_stdin(relay); break;
	case FRAME_ENDED: note_end(relay, frame); break;
	case FRAME_FAILED: {
		const char *message = tagged_find(frame->payload, frame->size, 'M');
		if (message != NULL && *message != '\0' && takes_little(2)) complain("%s", message);
		const char *status = tagged_find(frame->payload, frame->size, 'x');
		relay->exit_status = status == NULL ? 255 : atoi(status);
		relay->failed = true;
		relay->ended = true;
		break;
	}
	case FRAME_NOTICE: {
		const char *message = tagged_find(frame->payload, frame->size, 'M');
		if (message != NULL) complain("%s", message);
		break;
	}
	default: break;
	}
}

static void hurry(struct relay *relay) {
	if (relay->leave_by_ms == 0) relay->leave_by_ms = monotonic_ms() + LOST_PATIENCE_MS;
}

/* The door has gone, and the reader of our output had its time. */
static bool is_late(const struct relay *relay) {
	return relay->leave_by_ms != 0 && monotonic_ms() >= relay->leave_by_ms;
}

/* How the terminal is set changes the meaning of what is printed before and after. */
static bool must_wait(const struct relay *relay, const struct frame *frame) {
	bool ordered = frame->type == FRAME_MODE || frame->type == FRAME_FAILED;
	return ordered && !outputs_empty(relay) && !is_late(relay);
}

static void take_frames(struct relay *relay) {
	int got = 1;
	if (relay->holding && !must_wait(relay, &relay->held)) {
		relay->holding = false;
		take_frame(relay, &relay->held);
	}
	while (!relay->holding && !relay->ended && (got = inbox_next(relay->in, &relay->held)) == 1) {
		if (must_wait(relay, &relay->held)) relay->holding = true;
		else take_frame(relay, &relay->held);
	}
	if (got < 0) relay->lost = true;
}

static int patience_ms(const struct relay *relay, bool behind) {
	int64_t left_ms = relay->leave_by_ms == 0 ? 0 : relay->leave_by_ms - monotonic_ms();
	int most_ms = behind ? BACKGROUND_TICK_MS : -1;
	return left_ms > 0 && (most_ms < 0 || left_ms < most_ms) ? (int)left_ms : most_ms;
}

static int wait_for_events(struct relay *relay, struct pollfd fds[SLOTS]) {
	bool front = relay->terminal_wanted && in_foreground(relay->terminal);
	bool behind = relay->terminal_wanted && !front && tcgetpgrp(relay->terminal->fd) >= 0;
	bool room = outbox_room(relay->out) > FRAME_CHUNK_BYTES;
	if (front && !relay->terminal->raw) take_terminal(relay);
	for (int i = 0; i < SLOTS; i++) fds[i] = (struct pollfd){.fd = -1};
	if (!relay->holding && !relay->ended) fds[SLOT_DOOR].events = POLLIN;
	if (!relay->ended && relay->out->end > relay->out->start) fds[SLOT_DOOR].events |= POLLOUT;
	if (relay->leave_by_ms == 0) fds[SLOT_DOOR].events |= POLLRDHUP;
	/* Without events poll(2) would still tell of a hangup, again and again. */
	fds[SLOT_DOOR].fd = relay->lost || fds[SLOT_DOOR].events == 0 ? -1 : relay->door;
	fds[SLOT_SIGNALS] = (struct pollfd){.fd = relay->signals, .events = POLLIN};
	if (relay->stdin_fd >= 0 && !relay->ended && room && (relay->stdin_credit > 0 || !relay->waiting_told))
		fds[SLOT_STDIN] = (struct pollfd){.fd = relay->stdin_fd, .events = POLLIN};
	bool ours = front || (relay->terminal_wanted && !behind);
	if (ours && !relay->ended && relay->terminal_credit > 0 && room && relay->terminal->input >= 0)
		fds[SLOT_TERMINAL] = (struct pollfd){.fd = relay->terminal->input, .events = POLLIN};
	for (int which = 0; which < 3; which++) {
		struct output *output = &relay->outputs[which];
		if (output->fd < 0 || output->gone) continue;
		fds[SLOT_OUTPUTS + which].fd = output->fd;
		if (output->ring.used > 0) fds[SLOT_OUTPUTS + which].events = POLLOUT;
	}
	return poll(fds, SLOTS, patience_ms(relay, behind));
}

static void serve_outputs(struct relay *relay, const struct pollfd fds[SLOTS]) {
	for (int which = 0; which < 3; which++) {
		short events = fds[SLOT_OUTPUTS + which].revents;
		struct output *output = &relay->outputs[which];
		if (output->ring.used > 0) write_output(relay, which);
		/* pipe(7): POLLERR at the writing end means that nobody reads any more. A terminal that hung up says so, too. */
		if ((events & (POLLERR | POLLHUP)) != 0) {
			output->owed += (uint32_t)output->ring.used;
			output->ring.used = 0;
			output->gone = true;
		}
	}
}

void run_relay(struct relay *relay) {
	struct pollfd fds[SLOTS];
	take_frames(relay);
	for (;;) {
		give_credit(relay);
		send_pending(relay);
		/* After the end there is nothing to say; a write to a door that has gone would wake us by its SIGPIPE. */
		if (!relay->lost && !relay->ended) relay->lost = outbox_flush(relay->out, relay->door) == IO_CLOSED;
		if (relay->lost) hurry(relay);
		if ((relay->ended || relay->lost) && outputs_empty(relay)) return;
		if ((relay->failed || relay->lost) && is_late(relay)) return;
		if (wait_for_events(relay, fds) < 0 && errno != EINTR) return;
		if (fds[SLOT_SIGNALS].revents != 0) read_signals(relay);
		serve_outputs(relay, fds);
		if (fds[SLOT_STDIN].revents != 0) read_stdin(relay);
		if (fds[SLOT_TERMINAL].revents != 0) read_terminal(relay);
		if ((fds[SLOT_DOOR].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) hurry(relay);
		enum io_result filled = IO_DONE;
		if ((fds[SLOT_DOOR].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !relay->holding && !relay->ended)
			filled = inbox_fill(relay->in, relay->door);
		take_frames(relay);
		if (filled == IO_CLOSED && !relay->ended) relay->lost = true;
	}
}
