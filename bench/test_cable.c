/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The benchmark notices a driver that does not do its work: each way to fail is a fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include "bench/cable.h"

static struct cable cable;

static int setup(void **state)
{
	(void)state;
	cable_init(&cable, (const uint8_t *)"\x02\x82\x59\x90\x00\x01", 64, 4);
	return 0;
}

/* The next frame, as a driver gets it. */
static void receive(uint8_t frame[CABLE_LONGEST])
{
	cable_number(&cable);
	memcpy(frame, cable.frame, cable.len);
	cable.next++;
}

static void swap(uint8_t *frame)
{
	uint8_t to[6];

	memcpy(to, frame, 6);
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, to, 6);
}

static void forward(unsigned n)
{
	uint8_t frame[CABLE_LONGEST];

	while (n--) {
		receive(frame);
		if (cable.touched)
			swap(frame);
		cable_back(&cable, frame, cable.len);
	}
}

static void forwarded_frames_are_no_fault(void **state)
{
	(void)state;
	forward(1000);
	assert_int_equal(cable_faults(&cable), 0);
	cable.touched = 1;
	forward(1000);
	assert_int_equal(cable_faults(&cable), 0);
}

static void a_lost_frame_is_a_fault(void **state)
{
	uint8_t frame[CABLE_LONGEST];

	(void)state;
	forward(10);
	receive(frame);
	assert_int_equal(cable_faults(&cable), 1);
	forward(10); /* it is forgotten then */
	assert_int_equal(cable_faults(&cable), 0);
}

static void a_repeated_frame_is_a_fault(void **state)
{
	uint8_t frame[CABLE_LONGEST];

	(void)state;
	receive(frame);
	cable_back(&cable, frame, cable.len);
	cable_back(&cable, frame, cable.len);
	assert_int_not_equal(cable_faults(&cable), 0);
}

static void a_repeated_instead_of_another_frame_is_a_fault(void **state)
{
	uint8_t first[CABLE_LONGEST], second[CABLE_LONGEST];

	(void)state;
	receive(first);
	receive(second);
	cable_back(&cable, first, cable.len);
	cable_back(&cable, first, cable.len);
	assert_int_not_equal(cable_faults(&cable), 0);
}

static void an_overtaken_frame_of_a_flow_is_a_fault(void **state)
{
	uint8_t frames[8][CABLE_LONGEST];

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		receive(frames[i]);
	for (unsigned i = 0; i < 8; i++) /* two flows change places: allowed */
		cable_back(&cable, frames[i ^ 1], cable.len);
	assert_int_equal(cable_faults(&cable), 0);
	for (unsigned i = 0; i < 8; i++)
		receive(frames[i]);
	for (unsigned i = 0; i < 8; i++) /* one flow's frames do: not allowed */
		cable_back(&cable, frames[i ^ 4], cable.len);
	assert_int_not_equal(cable_faults(&cable), 0);
}

static void wrong_length_and_addresses_are_faults(void **state)
{
	uint8_t frame[CABLE_LONGEST];

	(void)state;
	receive(frame);
	cable_back(&cable, frame, cable.len - 1);
	assert_int_not_equal(cable_faults(&cable), 0);
	receive(frame);
	swap(frame);
	cable_back(&cable, frame, cable.len);
	assert_int_not_equal(cable_faults(&cable), 0);
	cable.touched = 1;
	receive(frame);
	cable_back(&cable, frame, cable.len);
	assert_int_not_equal(cable_faults(&cable), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(forwarded_frames_are_no_fault, setup),
		cmocka_unit_test_setup(a_lost_frame_is_a_fault, setup),
		cmocka_unit_test_setup(a_repeated_frame_is_a_fault, setup),
		cmocka_unit_test_setup(a_repeated_instead_of_another_frame_is_a_fault, setup),
		cmocka_unit_test_setup(an_overtaken_frame_of_a_flow_is_a_fault, setup),
		cmocka_unit_test_setup(wrong_length_and_addresses_are_faults, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
