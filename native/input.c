#include "deputy.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void end_stdin(struct relay *relay) {
	relay->stdin_fd = -1;
	relay->stdin_ended = true;
}

/* What other ends of the same pipe are to read must not be taken before the process wants it: without credit it is
 * only looked at. */
void read_stdin(struct relay *relay) {
	int there = 0;
	size_t got = 0;
	if (relay->stdin_credit == 0) {
		struct pollfd fd = {.fd = relay->stdin_fd, .events = POLLIN};
		if (ioctl(relay->stdin_fd, FIONREAD, &there) == 0 && there == 0 && poll(&fd, 1, 0) == 1 &&
		    (fd.revents & POLLIN) == 0 && (fd.revents & POLLHUP) != 0)
			end_stdin(relay);
		else if (outbox_put(relay->out, FRAME_WAITING, NULL, 0)) relay->waiting_told = true;
		return;
	}
	size_t most = relay->stdin_credit < FRAME_CHUNK_BYTES ? (size_t)relay->stdin_credit : FRAME_CHUNK_BYTES;
	enum io_result result = outbox_read(relay->out, FRAME_STDIN, relay->stdin_fd, most, &got);
	relay->stdin_credit -= got;
	if (result == IO_CLOSED || (result == IO_DONE && got == 0)) end_stdin(relay);
}

void read_terminal(struct relay *relay) {
	size_t got = 0;
	size_t most = (size_t)relay->terminal_credit;
	bool ahead = relay->terminal->echoed > 0;
	if (ahead && most > relay->terminal->echoed) most = relay->terminal->echoed;
	unsigned char type = ahead ? FRAME_TYPED_AHEAD : FRAME_TERMINAL_IN;
	enum io_result result = outbox_read(relay->out, type, relay->terminal->input, most, &got);
	relay->terminal_credit -= got;
	if (ahead) relay->terminal->echoed -= got;
	/* A hangup; its SIGHUP comes by itself. */
	if (result == IO_CLOSED) relay->terminal_wanted = false;
}

/* The key that means `number` at the far terminal, or 0. */
static cc_t key_of(const struct terminal *terminal, int number) {
	if (!terminal->raw || !terminal->signals) return 0;
	switch (number) {
	case SIGINT: return terminal->interrupt;
	case SIGQUIT: return terminal->quit;
	case SIGTSTP: return terminal->suspend;
	default: return 0;
	}
}

static void take_signal(struct relay *relay, const struct signalfd_siginfo *info) {
	int number = (int)info->ssi_signo;
	bool from_terminal = info->ssi_code == SI_KERNEL;
	cc_t key = from_terminal ? key_of(relay->terminal, number) : 0;
	if (number == SIGCHLD || (number == SIGPIPE && info->ssi_pid == (uint32_t)getpid())) return;
	if (number == SIGTSTP && from_terminal) relay->stopped_by_terminal = true;
	if (number == SIGWINCH) relay->resized = true;
	if (number == SIGWINCH && from_terminal) return;
	/* As a key the far terminal echoes it and forgets what was typed before, as this one would have. */
	if (key != 0 && outbox_put(relay->out, FRAME_TERMINAL_IN, &key, 1)) return;
	if (number < 1 || number > 64) return;
	*(from_terminal ? &relay->pending_group : &relay->pending) |= UINT64_C(1) << (number - 1);
}

void read_signals(struct relay *relay) {
	struct signalfd_siginfo info;
	while (read(relay->signals, &info, sizeof info) == sizeof info) {
		take_signal(relay, &info);
		if (relay->ended && would_end((int)info.ssi_signo) && info.ssi_pid != (uint32_t)getpid()) {
			/* Only output that nobody takes holds us up now. */
			restore_terminal(relay->terminal);
			die_of((int)info.ssi_signo);
		}
	}
}

void send_pending(struct relay *relay) {
	for (int number = 1; number <= 64; number++) {
		uint64_t bit = UINT64_C(1) << (number - 1);
		const unsigned char payload[2] = {(unsigned char)number, 1};
		if ((relay->pending_group & bit) != 0 && outbox_put(relay->out, FRAME_SIGNAL, payload, 2))
			relay->pending_group &= ~bit;
		if ((relay->pending & bit) != 0 && outbox_put(relay->out, FRAME_SIGNAL, payload, 1)) relay->pending &= ~bit;
	}
	unsigned char size[8];
	if (relay->resized && window_size(relay->terminal, size)) outbox_put(relay->out, FRAME_WINSIZE, size, sizeof size);
	relay->resized = false;
	if (relay->stdin_ended && outbox_put(relay->out, FRAME_STDIN_END, NULL, 0)) relay->stdin_ended = false;
}

/* A job that was started in the background found the terminal as the shell's line editor has it. In the foreground it
 * is as programs are to find it, and the far one must be so, too. */
static void tell_termios(struct relay *relay) {
	struct termios now = {0};
	struct terminal *terminal = relay->terminal;
	if (terminal->raw || !in_foreground(terminal) || tcgetattr(terminal->fd, &now) != 0) return;
	if (memcmp(&now, &terminal->sent, sizeof now) == 0) return;
	if (outbox_put(relay->out, FRAME_TERMIOS, &now, sizeof now)) terminal->sent = now;
}

/* Stopping by the keyboard stops all of the group; where the key went straight to the far end, we do that. */
void stop_here(struct relay *relay, int number) {
	bool group = !relay->stopped_by_terminal && in_foreground(relay->terminal);
	restore_terminal(relay->terminal);
	relay->terminal_wanted = false;
	if (group) kill(0, number);
	stop_self(number);
	relay->stopped_by_terminal = false;
	/* The window may have another size by now. */
	relay->resized = true;
	tell_termios(relay);
	relay->pending |= UINT64_C(1) << (SIGCONT - 1);
}

void take_terminal(struct relay *relay) {
	tell_termios(relay);
	make_raw(relay->terminal);
}

/* The process reads its terminal, or has changed it. From the background that would have stopped it at home. */
void want_terminal(struct relay *relay, const struct frame *mode) {
	struct terminal *terminal = relay->terminal;
	if (mode->size < 4 || (mode->payload[0] & MODE_RAW) == 0 || terminal->fd < 0) return;
	terminal->signals = (mode->payload[0] & MODE_SIGNALS) != 0;
	terminal->interrupt = mode->payload[1];
	terminal->quit = mode->payload[2];
	terminal->suspend = mode->payload[3];
	relay->terminal_wanted = true;
	if (in_foreground(terminal)) {
		take_terminal(relay);
		return;
	}
	if (tcgetpgrp(terminal->fd) < 0) return;
	int number = (mode->payload[0] & MODE_BY_TERMIOS) != 0 ? SIGTTOU : SIGTTIN;
	/* The far end stops as well, and tells so; then we follow. */
	relay->pending_group |= UINT64_C(1) << (number - 1);
}
