#include "keeper.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_LOOK_MS = 250 };

int64_t monotonic_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void setup_terminal(struct service *service) {
	service->first = service->told = service->stdio->first;
}

void signal_group(const struct service *service, int number) {
	pid_t group = -1;
	/* tcgetpgrp(3) of the slave: musl refuses the master's question, which Linux would answer. */
	if (service->stdio->slave >= 0) ioctl(service->stdio->slave, TIOCGPGRP, &group);
	/* The process may put any group of the session there, also ours, which is root's. */
	if (group <= 0 || group == getpgrp()) group = service->pid;
	kill(-group, number);
}

static bool tell_mode(struct service *service, bool by_termios) {
	const struct termios *now = &service->told;
	const unsigned char payload[4] = {
		(unsigned char)(MODE_RAW | ((now->c_lflag & ISIG) != 0 ? MODE_SIGNALS : 0) | (by_termios ? MODE_BY_TERMIOS : 0)),
		now->c_cc[VINTR], now->c_cc[VQUIT], now->c_cc[VSUSP],
	};
	if (!outbox_put(service->out, FRAME_MODE, payload, sizeof payload)) return false;
	service->raw = true;
	service->last_was_return = false;
	return true;
}

/* As long as nobody reads the terminal and nobody has changed it, the deputy leaves his as it is: what the user types
 * is his shell's, and jobs side by side do not fight over its settings. */
void check_terminal(struct service *service) {
	/* Whole, for the kernel fills less of it than the library compares. */
	struct termios now = {0};
	if (service->stdio->slave < 0 || service->exited || tcgetattr(service->stdio->slave, &now) != 0) return;
	if (memcmp(&now, &service->told, sizeof now) == 0) return;
	struct termios before = service->told;
	service->told = now;
	if (!tell_mode(service, true)) service->told = before;
}

void take_termios(struct service *service, const unsigned char *payload, size_t size) {
	struct termios now = {0};
	int slave = service->stdio->slave;
	if (slave < 0 || size != sizeof now || tcgetattr(slave, &now) != 0) return;
	if (memcmp(&now, &service->first, sizeof now) != 0) return;
	memcpy(&now, payload, sizeof now);
	tcsetattr(slave, TCSANOW, &now);
	/* As the kernel has taken it. */
	memset(&now, 0, sizeof now);
	tcgetattr(slave, &now);
	service->first = service->told = now;
	if (service->raw) tell_mode(service, false);
}

/* TIOCSTI (tty_ioctl(4)) goes through the line discipline at once, so that the echo can be off for just these. */
void type_ahead(struct service *service, const unsigned char *bytes, size_t size) {
	struct termios now = {0}, silent;
	int slave = service->stdio->slave;
	size_t done = 0;
	if (slave < 0 || tcgetattr(slave, &now) != 0) return;
	silent = now;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	tcsetattr(slave, TCSANOW, &silent);
	while (done < size && ioctl(slave, TIOCSTI, bytes + done) == 0) done++;
	tcsetattr(slave, TCSANOW, &now);
	service->typed_consumed += (uint32_t)done;
	/* Where the kernel forbids it, echoed twice is better than lost. */
	ring_put(&service->typed, bytes + done, size - done);
}

static void look_at_pipe(struct service *service) {
	if (!service->waiting || service->input_granted || service->stdio->in < 0) return;
	if (!waits_for_input(service->pid, service->stdio->in, -1)) return;
	unsigned char payload[4];
	put_u32(payload, WINDOW_BYTES);
	service->input_granted = outbox_put(service->out, FRAME_CREDIT, payload, sizeof payload);
}

static bool is_curious(const struct service *service) {
	if (service->exited || service->lost || service->stopped) return false;
	bool pipe = service->waiting && !service->input_granted && service->stdio->in >= 0;
	return pipe || (service->stdio->slave >= 0 && !service->raw);
}

/* Asking costs a few system calls per thread, so the longer nobody has read, the less often. */
void look_for_demand(struct service *service) {
	int64_t now_ms = monotonic_ms();
	if (!is_curious(service) || now_ms < service->next_look_ms) return;
	check_terminal(service);
	look_at_pipe(service);
	if (service->stdio->slave >= 0 && !service->raw && waits_for_input(service->pid, -1, service->stdio->slave))
		tell_mode(service, false);
	int64_t pause_ms = (now_ms - service->looks_since_ms) / 8;
	service->next_look_ms = now_ms + (pause_ms < 1 ? 1 : pause_ms > LONGEST_LOOK_MS ? LONGEST_LOOK_MS : pause_ms);
}

int next_look_in_ms(const struct service *service) {
	if (!is_curious(service)) return -1;
	int64_t left_ms = service->next_look_ms - monotonic_ms();
	return left_ms < 0 ? 0 : (int)left_ms;
}

/* ONLCR (termios(3)) makes "\r\n" of each "\n" here, and the deputy's terminal, not raw, would do so again. */
size_t without_returns(struct service *service, unsigned char *bytes, size_t size) {
	const tcflag_t both = OPOST | ONLCR;
	if (service->raw || (service->first.c_oflag & both) != both) return size;
	size_t kept = 0;
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\r' && i + 1 < size && bytes[i + 1] == '\n') continue;
		bytes[kept++] = bytes[i];
	}
	return kept;
}
