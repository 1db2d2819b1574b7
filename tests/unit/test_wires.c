/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Opening wires, the unplugged wire, loop and link.
 */
#include "wire_helpers.h"

#include <pthread.h>
#include <sched.h>

#include "wires/frames.h"

static void wrong_specifications_are_refused_with_the_fix(void **arg)
{
	(void)arg;
	assert_refused("tan:tap0", -EINVAL, "tap:NAME");
	assert_refused("tap", -EINVAL, "tap:tap0");
	assert_refused("loops", -EINVAL, "loop");
	assert_refused("loop:x", -EINVAL, "no options");
	assert_refused("link:", -EINVAL, "link:NAME");
	assert_refused("link:0123456789012345678901234567890123456789012345678901234567890123",
		       -EINVAL, "1 to 63");
	assert_refused("gen:sise=64", -EINVAL, "known: count, size, rate");
	assert_refused("gen:count", -EINVAL, "want count=N");
	assert_refused("gen:count=", -EINVAL, "want count=N");
	assert_refused("gen:count=1x", -EINVAL, "want count=N");
	assert_refused("gen:count=99999999999999999999", -EINVAL, "want count=N");
	assert_refused("gen:count=-1", -EINVAL, "want count=N");
	assert_refused("gen:check=1", -EINVAL, "takes no value");
	assert_refused("gen:count=1,,size=64", -EINVAL, "want count=N");
	assert_refused("pcap:", -EINVAL, "pcap:in=FILE");
	assert_refused("pcap:in=", -EINVAL, "want in=FILE");
	assert_refused("pcap:file=x", -EINVAL, "known: in, out, loop");
}

static void nothing_plugged_in_loses_what_is_sent(void **arg)
{
	uint8_t frame[60] = { 0 };

	(void)arg;
	for (int i = 0; i < 2; i++) {
		struct wire *w = must_open(i ? "" : NULL);

		assert_int_equal(w->ops->link(w), 0);
		assert_nothing(w);
		assert_int_equal(w->ops->tx(w, frame, sizeof(frame)), -ENOLINK);
		assert_int_equal(counter(w, "wire_lost_unplugged"), 1);
		assert_int_equal(w->ops->ended(w), 1);
		assert_int_equal(w->ops->fd(w), -1);
		w->ops->close(w);
	}
}

static void loop_gives_back_what_leaves_in_order(void **arg)
{
	struct wire *w = must_open("loop");
	uint8_t frame[9014];

	(void)arg;
	assert_int_equal(w->ops->link(w), 1);
	assert_nothing(w);
	for (unsigned len = 14; len < sizeof(frame); len += 13) {
		fill_frame(frame, len, len);
		assert_int_equal(w->ops->tx(w, frame, len), 0);
		fill_frame(frame, 60, len + 1);
		assert_int_equal(w->ops->tx(w, frame, 60), 0);
		fill_frame(frame, len, len);
		assert_next(w, frame, len);
		fill_frame(frame, 60, len + 1);
		assert_next(w, frame, 60);
	}
	assert_nothing(w);
	assert_true(counter(w, "wire_in") == counter(w, "wire_out"));
	assert_int_equal(w->ops->ended(w), 0);
	w->ops->close(w);
}

static void full_loop_says_try_again_and_loses_nothing(void **arg)
{
	struct wire *w = must_open("loop");
	uint8_t frame[1514];
	unsigned sent = 0, got = 0;

	(void)arg;
	while (1) {
		int err;

		fill_frame(frame, sizeof(frame), sent);
		err = w->ops->tx(w, frame, sizeof(frame));
		if (err) {
			assert_int_equal(err, -EAGAIN);
			break;
		}
		sent++;
	}
	assert_true(sent > 100);
	for (; got < sent; got++) {
		fill_frame(frame, sizeof(frame), got);
		assert_next(w, frame, sizeof(frame));
	}
	assert_nothing(w);
	assert_int_equal(w->ops->tx(w, frame, FRAMES_LONGEST + 1), -EMSGSIZE);
	w->ops->close(w);
}

/* Every fill level of the byte ring, also when its positions wrap. */
static void queue_keeps_frames_through_all_wraps(void **arg)
{
	struct frames *q = frames_new();
	uint8_t frame[700];
	unsigned in = 0, out = 0;

	(void)arg;
	assert_non_null(q);
	q->head = q->tail = q->head_copy = q->tail_copy = 0xffff0000; /* about to wrap */
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = 1 + in * 37 % sizeof(frame);

		fill_frame(frame, len, in);
		if (frames_push(q, frame, len) == 0)
			in++;
		if (round % 3) {
			const uint8_t *got = frames_peek(q, &len);

			assert_non_null(got);
			assert_int_equal(len, 1 + out * 37 % sizeof(frame));
			fill_frame(frame, len, out++);
			assert_memory_equal(got, frame, len);
			frames_pop(q);
		}
	}
	assert_true(in - out > 100);
	frames_drain(q);
	assert_null(frames_peek(q, &(size_t) { 0 }));
	frames_del(q);
}

static void link_joins_two_and_refuses_a_third(void **arg)
{
	struct wire *a = must_open("link:one"), *b, *other;
	uint8_t frame[60];

	(void)arg;
	fill_frame(frame, sizeof(frame), 1);
	assert_int_equal(a->ops->link(a), 0);
	assert_int_equal(a->ops->tx(a, frame, sizeof(frame)), -ENOLINK);
	assert_int_equal(counter(a, "wire_lost_unplugged"), 1);
	b = must_open("link:one");
	other = must_open("link:two");
	assert_int_equal(a->ops->link(a), 1);
	assert_int_equal(b->ops->link(b), 1);
	assert_int_equal(other->ops->link(other), 0);
	assert_refused("link:one", -EBUSY, "both ends");
	assert_int_equal(a->ops->tx(a, frame, sizeof(frame)), 0);
	assert_nothing(a);
	assert_nothing(other);
	assert_next(b, frame, sizeof(frame));
	fill_frame(frame, sizeof(frame), 2);
	assert_int_equal(b->ops->tx(b, frame, sizeof(frame)), 0);
	assert_nothing(b);
	assert_next(a, frame, sizeof(frame));
	assert_int_equal(counter(a, "wire_in"), 1);
	assert_int_equal(counter(a, "wire_out"), 1);
	a->ops->close(a);
	b->ops->close(b);
	other->ops->close(other);
}

static void link_end_can_be_plugged_in_again(void **arg)
{
	struct wire *a = must_open("link:again"), *b = must_open("link:again");
	uint8_t frame[60] = { 1 };

	(void)arg;
	for (int round = 0; round < 3; round++) {
		struct wire **end = round % 2 ? &a : &b, *rest = round % 2 ? b : a;

		assert_int_equal(rest->ops->tx(rest, frame, sizeof(frame)), 0);
		(*end)->ops->close(*end);
		assert_int_equal(rest->ops->link(rest), 0);
		*end = must_open("link:again");
		assert_int_equal(rest->ops->link(rest), 1);
		assert_nothing(*end); /* what its predecessor left does not arrive */
		assert_int_equal(rest->ops->tx(rest, frame, sizeof(frame)), 0);
		assert_next(*end, frame, sizeof(frame));
	}
	a->ops->close(a);
	b->ops->close(b);
}

#define FRAMES 200000u

static size_t thread_len(unsigned i)
{
	return 60 + i % 17 * (i % 5 ? 11 : 520);
}

/* Sends FRAMES frames and receives as many, in order. */
static void *exchange(void *arg)
{
	struct wire *w = arg;
	uint8_t frame[9014];
	unsigned sent = 0, got = 0;

	while (sent < FRAMES || got < FRAMES) {
		struct wire_frame f;
		unsigned before = sent + got;

		if (sent < FRAMES) {
			fill_frame(frame, thread_len(sent), sent);
			sent += w->ops->tx(w, frame, thread_len(sent)) == 0;
		}
		if (w->ops->peek(w, &f) > 0) {
			fill_frame(frame, thread_len(got), got);
			if (f.len != thread_len(got) || memcmp(f.data, frame, f.len))
				return "a frame is not the next one";
			w->ops->take(w);
			got++;
		}
		if (sent + got == before)
			sched_yield();
	}
	return NULL;
}

static void link_carries_frames_between_threads(void **arg)
{
	struct wire *ends[2] = { must_open("link:threads"), must_open("link:threads") };
	pthread_t threads[2];

	(void)arg;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, exchange, ends[i]), 0);
	for (int i = 0; i < 2; i++) {
		void *error = "not joined";

		pthread_join(threads[i], &error);
		assert_null(error);
	}
	for (int i = 0; i < 2; i++) {
		assert_nothing(ends[i]);
		assert_int_equal(counter(ends[i], "wire_in"), FRAMES);
		assert_int_equal(counter(ends[i], "wire_out"), FRAMES);
		ends[i]->ops->close(ends[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_specifications_are_refused_with_the_fix),
		cmocka_unit_test(nothing_plugged_in_loses_what_is_sent),
		cmocka_unit_test(loop_gives_back_what_leaves_in_order),
		cmocka_unit_test(full_loop_says_try_again_and_loses_nothing),
		cmocka_unit_test(queue_keeps_frames_through_all_wraps),
		cmocka_unit_test(link_joins_two_and_refuses_a_third),
		cmocka_unit_test(link_end_can_be_plugged_in_again),
		cmocka_unit_test(link_carries_frames_between_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
