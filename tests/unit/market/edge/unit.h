/* unit.h: cmocka with the headers it wants first. */
#ifndef TESTS_EDGE_UNIT_H
#define TESTS_EDGE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state_)
#define UNUSED_STATE (void)state_

#endif
