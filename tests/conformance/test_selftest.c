/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: the cases of `nicety selftest`, each on two devices joined by a cable and on one
 * whose frames come back. What a user's card must do our models must, wherever they run.
 */
#include "pair.h"
#include "selftest.h"

/* A chip without a second queue: its driver says so, and the case is skipped. */
static int one_queue(void)
{
	struct nic_info info;

	chip_info(&info);
	return info.max_queues < 2;
}

/* Runs @c and shows what it says if the result is another. */
static void expect(const struct selftest_case *c, const char *a, const char *b,
		   enum selftest_result want)
{
	struct selftest t = { .uris = { a, b },
			      .loopback = !strchr(a, '?'),
			      .open = host_open,
			      .close = host_close,
			      .count_violations = host_violations,
			      /* A loaded machine may be slow, a frame that is lost never comes. */
			      .wait_ms = want == SELFTEST_FAILED ? 200 : 20000,
			      .many = host_is("sync") ? 20000 : 2000 };
	enum selftest_result r = selftest_run(&t, c);

	if (r != want)
		fail_msg("%s with %s: result %d: %s", c->name, b ? "two" : "one", r, t.text);
}

static void case_on_two_devices(void **state)
{
	const struct selftest_case *c = *state;
	char a[80], b[80];

	snprintf(a, sizeof(a), "model:%s?wire=link:s&mac=" MAC_A, chip()->name);
	snprintf(b, sizeof(b), "model:%s?wire=link:s&mac=" MAC_B, chip()->name);
	if (!strcmp(c->name, "queues") && one_queue())
		expect(c, a, b, SELFTEST_SKIPPED);
	else
		expect(c, a, b, SELFTEST_OK);
}

static void case_on_one_device(void **state)
{
	const struct selftest_case *c = *state;
	char a[80];

	snprintf(a, sizeof(a), "model:%s?wire=loop", chip()->name);
	if (!strcmp(c->name, "path") || (!strcmp(c->name, "queues") && one_queue()))
		expect(c, a, NULL, SELFTEST_SKIPPED);
	else
		expect(c, a, NULL, SELFTEST_OK);
}

/* No cable: the chip sends to itself. */
static void case_in_loopback(void **state)
{
	const struct selftest_case *c = *state;

	if (!strcmp(c->name, "path") || (!strcmp(c->name, "queues") && one_queue()))
		expect(c, chip_uri(""), NULL, SELFTEST_SKIPPED);
	else
		expect(c, chip_uri(""), NULL, SELFTEST_OK);
}

/* A device whose frames vanish must not pass, whatever the case. */
static void case_without_a_cable(void **state)
{
	const struct selftest_case *c = *state;
	char a[80];

	if (!strcmp(c->name, "path") || (!strcmp(c->name, "queues") && one_queue()))
		return;
	snprintf(a, sizeof(a), "model:%s?wire=gen:count=1", chip()->name);
	if (strcmp(c->name, "link"))
		expect(c, a, NULL, SELFTEST_FAILED);
}

int main(void)
{
	static const struct selftest_case *const tables[] = { selftest_frames, selftest_offloads };
	struct CMUnitTest tests[64];
	char names[64][48];
	/* Frames that vanish take a second each: once is enough. */
	const int kinds =
		host_is("sync") && !getenv("NICETY_CHIP") && !getenv("NICETY_ISA") ? 4 : 3;
	size_t n = 0;

	for (size_t i = 0; i < 2; i++)
		for (const struct selftest_case *c = tables[i]; c->name; c++)
			for (int k = 0; k < kinds; k++, n++) {
				static const CMUnitTestFunction run[] = { case_on_two_devices,
									  case_on_one_device,
									  case_in_loopback,
									  case_without_a_cable };
				static const char *const how[] = { "two", "loop", "inside",
								   "lost" };

				snprintf(names[n], sizeof(names[n]), "%s_%s", c->name, how[k]);
				tests[n] = (struct CMUnitTest) { names[n], run[k], NULL, NULL,
								 (void *)(uintptr_t)c };
			}
	return _cmocka_run_group_tests("selftest", tests, n, NULL, NULL);
}
