#include "keeper.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* We are the subreaper (PR_SET_CHILD_SUBREAPER(2const)): whatever has lost its parent is our own child. Killing
 * children until none is left therefore reaches every descendant, also without a cgroup. */
static void kill_children(void) {
	char path[64];
	int child;
	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	FILE *file = fopen(path, "re");
	if (file == NULL) return;
	while (fscanf(file, "%d", &child) == 1) kill(child, SIGKILL);
	fclose(file);
}

void end_descendants(const struct cgroup *cgroup, pid_t pid) {
	kill_cgroup(cgroup);
	if (pid > 0) kill(-pid, SIGKILL);
	kill_children();
}

/* A payload made of tagged strings. */
struct text {
	char bytes[PATH_MAX + 1024];
	size_t used;
};

static void put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct text *text, const char *format, ...) {
	__builtin_va_list arguments;
	__builtin_va_start(arguments, format);
	int size = vsnprintf(text->bytes + text->used, sizeof text->bytes - text->used, format, arguments);
	__builtin_va_end(arguments);
	if (size > 0 && text->used + (size_t)size + 1 <= sizeof text->bytes) text->used += (size_t)size + 1;
}

void send_refused(int connection, const struct start_result *result) {
	static const char *const kinds[] = {"", "refused", "not-found", "not-executable"};
	struct text text = {.used = 0};
	unsigned char header[FRAME_HEADER_BYTES] = {FRAME_REFUSED};
	put(&text, "k%s", kinds[result->refusal]);
	put(&text, "c%s", result->code);
	put(&text, "M%s", result->message);
	put_u32(header + 1, (uint32_t)text.used);
	if (write_all(connection, header, sizeof header)) write_all(connection, text.bytes, text.used);
}

void send_started(struct service *service, const char *cwd) {
	struct text text = {.used = 0};
	put(&text, "p%d", service->pid);
	put(&text, "C%s", cwd);
	put(&text, "m%lld", (long long)now_ms());
	if (service->cgroup->lacking[0] != '\0') put(&text, "l%s", service->cgroup->lacking);
	for (int fd = 0; fd < 3; fd++)
		if (service->launch->request.kind[fd] == STDIO_PIPE) put(&text, "S%d pipe", fd);
	outbox_put(service->out, FRAME_STARTED, text.bytes, text.used);
}

/* All have been waited for, also those whose parents did not: they were given to us. */
static void put_usage(struct text *text, const struct cgroup *cgroup, const struct rusage *used) {
	long long cpu_us = (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000LL + used->ru_utime.tv_usec +
	                   used->ru_stime.tv_usec;
	long long counted_us = cgroup_number(cgroup, "cpu.stat", "usage_usec");
	long long peak = cgroup->no_memory ? -1 : cgroup_number(cgroup, "memory.peak", NULL);
	long long pids = cgroup->no_pids ? -1 : cgroup_number(cgroup, "pids.peak", NULL);
	put(text, "T%lld", counted_us > cpu_us ? counted_us : cpu_us);
	put(text, "K%lld", peak >= 0 ? peak : used->ru_maxrss * 1024LL);
	if (pids >= 0) put(text, "H%lld", pids);
	if (!cgroup->no_memory && cgroup_number(cgroup, "memory.events", "oom_kill") > 0) put(text, "o1");
}

static void put_files(struct text *text, const struct request *request) {
	for (size_t i = 0; i < request->file_count; i++) {
		const struct carried_file *file = &request->files[i];
		off_t offset = file->fd < 0 ? -1 : lseek(file->fd, 0, SEEK_CUR);
		if (offset >= 0) put(text, "F%d %lld", file->home_fd, (long long)offset);
		/* nfs(5): closing writes back what this node still holds; `ended` must not come before. */
		if (file->fd >= 0) close(file->fd);
	}
}

static void put_termios(struct text *text, const struct service *service) {
	struct termios last = {0};
	char hex[2 * sizeof last + 1];
	const unsigned char *bytes = (const unsigned char *)&last;
	if (service->stdio->master < 0 || tcgetattr(service->stdio->master, &last) != 0) return;
	if (memcmp(&last, &service->first, sizeof last) == 0 || !WIFEXITED(service->wait_status)) return;
	for (size_t i = 0; i < sizeof last; i++) sprintf(hex + 2 * i, "%02x", bytes[i]);
	put(text, "t%s", hex);
}

bool send_ended(struct service *service) {
	struct text text = {.used = 0};
	int status = service->wait_status;
	if (outbox_room(service->out) < sizeof text.bytes) return false;
	if (WIFEXITED(status)) put(&text, "s%d", WEXITSTATUS(status));
	else put(&text, "g%d", WTERMSIG(status));
	if (WIFSIGNALED(status) && WCOREDUMP(status)) put(&text, "d1");
	put_usage(&text, service->cgroup, &service->used);
	put_files(&text, &service->launch->request);
	put_termios(&text, service);
	put(&text, "m%lld", (long long)now_ms());
	return outbox_put(service->out, FRAME_ENDED, text.bytes, text.used);
}
