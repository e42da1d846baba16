/* clock.h: the only place where time enters the relay. Everything else is handed `now_us`. Any thread. */
#ifndef RELAY_CLOCK_H
#define RELAY_CLOCK_H

#include <stdint.h>

int64_t clock_us(void);      /* CLOCK_MONOTONIC, microseconds */
int64_t clock_wall_us(void); /* microseconds since 1970 UTC */
/* As the wall's clock was when this was first asked, and steady from there: for what peers are told and
 * measured by, which must not leap when somebody sets the clock. Any thread. */
int64_t clock_report_us(void);

#endif
