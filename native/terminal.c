#include "deputy.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int open_again(int fd, int flags) {
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void open_terminal(struct terminal *terminal) {
	*terminal = (struct terminal){.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), .input = -1};
	/* No controlling terminal (setsid, cron), but one to write to: it is not ours to change, its size still counts. */
	for (int fd = 0; terminal->fd < 0 && fd < 3; fd++)
		if (isatty(fd)) terminal->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (terminal->fd < 0) return;
	tcgetattr(terminal->fd, &terminal->home);
	terminal->sent = terminal->home;
	terminal->input = open_again(terminal->fd, O_RDONLY);
}

/* tcgetpgrp(3) fails for a terminal that does not control us. */
bool in_foreground(const struct terminal *terminal) {
	return terminal->fd >= 0 && tcgetpgrp(terminal->fd) == getpgrp();
}

/* Signals stay with this terminal where the far one makes them, too: ^C must reach all of the group here. */
void make_raw(struct terminal *terminal) {
	struct termios raw;
	/* What the user, or stty in another job, has set since is what to come back to. */
	if (!terminal->raw) tcgetattr(terminal->fd, &terminal->home);
	raw = terminal->home;
	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (terminal->signals) {
		raw.c_lflag |= ISIG | NOFLSH;
		raw.c_cc[VINTR] = terminal->interrupt;
		raw.c_cc[VQUIT] = terminal->quit;
		raw.c_cc[VSUSP] = terminal->suspend;
	}
	bool was_raw = terminal->raw;
	int ahead = 0;
	terminal->raw = tcsetattr(terminal->fd, TCSANOW, &raw) == 0;
	if (was_raw || (terminal->home.c_lflag & ECHO) == 0) return;
	if (ioctl(terminal->fd, FIONREAD, &ahead) == 0) terminal->echoed = (size_t)ahead;
}

/* Called with SIGTTOU blocked, so it also works from the background (tcsetattr(3)); but there it is not ours. */
void restore_terminal(struct terminal *terminal) {
	if (terminal->raw && in_foreground(terminal)) tcsetattr(terminal->fd, TCSANOW, &terminal->home);
	terminal->raw = false;
}

bool window_size(const struct terminal *terminal, unsigned char payload[8]) {
	struct winsize size;
	if (terminal->fd < 0 || ioctl(terminal->fd, TIOCGWINSZ, &size) != 0) return false;
	const unsigned short fields[4] = {size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel};
	for (int i = 0; i < 4; i++) {
		payload[2 * i] = (unsigned char)(fields[i] >> 8);
		payload[2 * i + 1] = (unsigned char)fields[i];
	}
	return true;
}
