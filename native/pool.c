/* The keeper's children, when their process has ended: a few stay for the next. To fork costs more than all that such
 * a child does for a short process. They wait where the keeper itself does, in accept4(2), and the kernel gives each
 * connection to whoever has waited longest; so nobody depends on how many there are, or on one that was killed. */
#include "keeper.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Most that stay; each holds some 100 KB. */
enum { MOST_IDLE = 16 };

bool open_pool(struct pool *pool, int listener) {
	sigset_t every;
	memset(&every, 0xff, sizeof every);
	/* Whoever reads it gets his own signals (signalfd(2)), so one is enough for all. */
	*pool = (struct pool){.listener = listener, .signals = signalfd(-1, &every, SFD_NONBLOCK | SFD_CLOEXEC), .keeper = getpid()};
	void *shared = mmap(NULL, sizeof *pool->idle, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pool->idle = shared;
	return pool->signals >= 0 && shared != MAP_FAILED;
}

void block_signals(bool blocked) {
	sigset_t set;
	memset(&set, blocked ? 0xff : 0, sizeof set);
	/* All of them: sigprocmask(3) leaves out what the library keeps for threads. */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, 8);
}

static int accept_next(const struct pool *pool) {
	int connection;
	/* Without a keeper nobody can reach us. The signal is lost with each change of user (PR_SET_PDEATHSIG(2const)). */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	block_signals(false);
	if (getppid() != pool->keeper) return -1;
	while ((connection = accept4(pool->listener, NULL, NULL, SOCK_CLOEXEC)) < 0 && errno == EINTR) continue;
	block_signals(true);
	return connection;
}

int next_connection(const struct pool *pool) {
	/* Ours are the lowest numbers; whatever the last process needed lies above. */
	if (syscall(SYS_close_range, pool->signals + 1, ~0U, 0) != 0) return -1;
	bool room = atomic_fetch_add(pool->idle, 1) < MOST_IDLE;
	int connection = room ? accept_next(pool) : -1;
	atomic_fetch_sub(pool->idle, 1);
	return connection;
}
