/* pay_test.h: what every unit test of the money modules begins with. */
#ifndef TESTS_PAY_TEST_H
#define TESTS_PAY_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above before it. */
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#endif
