#include "keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_exactly(int fd, unsigned char *to, size_t size) {
	while (size > 0) {
		ssize_t got = read(fd, to, size);
		if (got < 0 && errno == EINTR) continue;
		if (got <= 0) return false;
		to += got;
		size -= (size_t)got;
	}
	return true;
}

/* One frame of `type`; the payload is never freed, it is what the process is started from. */
static unsigned char *receive(int connection, unsigned char type, size_t *size) {
	unsigned char header[FRAME_HEADER_BYTES];
	if (!read_exactly(connection, header, sizeof header) || header[0] != type) return NULL;
	*size = get_u32(header + 1);
	if (*size > FRAME_REQUEST_BYTES) return NULL;
	unsigned char *payload = malloc(*size + 1);
	if (payload != NULL && read_exactly(connection, payload, *size)) return payload;
	free(payload);
	return NULL;
}

static bool is_listed(const char *list, gid_t group) {
	char *end;
	for (; *list != '\0'; list = *end == ',' ? end + 1 : end) {
		unsigned long number = strtoul(list, &end, 10);
		if (end == list) return false;
		if (number == group) return true;
	}
	return false;
}

/* Groups of the home's system (sudo, audio) are other ones here. */
static void keep_groups(const char *list, struct request *request) {
	size_t kept = 0;
	for (size_t i = 0; i < request->group_count; i++)
		if (is_listed(list, request->groups[i])) request->groups[kept++] = request->groups[i];
	request->group_count = kept;
}

bool receive_launch(int connection, struct launch *launch) {
	size_t size, request_size;
	const unsigned char *own = receive(connection, FRAME_LAUNCH, &size);
	if (own == NULL) return false;
	*launch = (struct launch){
		.cgroup = tagged_find(own, size, 'c'),
		.memory_max = tagged_find(own, size, 'x'),
		.cpu_weight = tagged_find(own, size, 'w'),
		.pids_max = tagged_find(own, size, 'q'),
		.groups = tagged_find(own, size, 'G'),
	};
	const unsigned char *request = receive(connection, FRAME_REQUEST, &request_size);
	if (request == NULL || !read_request(request, request_size, &launch->request)) return false;
	if (launch->groups != NULL) keep_groups(launch->groups, &launch->request);
	return true;
}
