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

/* What stays from one to the next; larger ones are rare, and given back. */
enum { USUAL_BYTES = 32 << 10 };
static struct buffer own, asked, lists;

bool make_room(struct buffer *buffer, size_t size) {
	if (size <= buffer->size) return true;
	free(buffer->bytes);
	buffer->size = size < USUAL_BYTES ? USUAL_BYTES : size;
	buffer->bytes = malloc(buffer->size);
	if (buffer->bytes == NULL) buffer->size = 0;
	return buffer->bytes != NULL;
}

static void give_back(struct buffer *buffer) {
	if (buffer->size <= USUAL_BYTES) return;
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}

/* One frame of `type`. Its payload, which is what the process is started from, may be larger than the inbox: what has
 * come already is taken from there, and the rest read straight to where it belongs. */
static const unsigned char *receive(int connection, struct inbox *in, unsigned char type, struct buffer *buffer, size_t *size) {
	while (in->end - in->start < FRAME_HEADER_BYTES)
		if (inbox_fill(in, connection) == IO_CLOSED) return NULL;
	const unsigned char *header = in->data + in->start;
	*size = get_u32(header + 1);
	if (header[0] != type || *size > FRAME_REQUEST_BYTES || !make_room(buffer, *size + 1)) return NULL;
	in->start += FRAME_HEADER_BYTES;
	size_t here = in->end - in->start < *size ? in->end - in->start : *size;
	memcpy(buffer->bytes, in->data + in->start, here);
	in->start += here;
	return read_exactly(connection, (unsigned char *)buffer->bytes + here, *size - here) ? buffer->bytes : NULL;
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

bool receive_launch(int connection, struct inbox *in, struct launch *launch) {
	size_t size, request_size;
	const unsigned char *payload = receive(connection, in, FRAME_LAUNCH, &own, &size);
	if (payload == NULL) return false;
	*launch = (struct launch){
		.cgroup = tagged_find(payload, size, 'c'),
		.memory_max = tagged_find(payload, size, 'x'),
		.cpu_weight = tagged_find(payload, size, 'w'),
		.pids_max = tagged_find(payload, size, 'q'),
		.groups = tagged_find(payload, size, 'G'),
	};
	const unsigned char *request = receive(connection, in, FRAME_REQUEST, &asked, &request_size);
	if (request == NULL || !read_request(request, request_size, &lists, &launch->request)) return false;
	if (launch->groups != NULL) keep_groups(launch->groups, &launch->request);
	return true;
}

void give_launch_back(void) {
	give_back(&own);
	give_back(&asked);
	give_back(&lists);
}
