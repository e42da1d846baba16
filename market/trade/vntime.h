/* vntime.h: dates as Vietnamese banks print them. Their clock is Asia/Ho_Chi_Minh: UTC+7, no summer time.
 * Pure; any thread. */
#ifndef TRADE_VNTIME_H
#define TRADE_VNTIME_H

#include <stdbool.h>
#include <stdint.h>

/* yyyy-mm-dd, dd/mm/yyyy (also - and .), alone or with hh:mm[:ss] behind a blank, T or line end, and Z or
 * ±hh:mm behind that (Vietnam's when it is not there); or a day number as spreadsheets keep it. Whole text;
 * blanks around it are fine. Years 2000 to 2100. *ms counts from 1970 UTC; a date alone is its midnight in
 * Vietnam. False: no such date. */
bool vntime_read(const char *text, int64_t *ms);

/* "yyyy-mm-dd" of the day in Vietnam. */
void vntime_day(int64_t ms, char out[11]);

/* "dd/mm/yyyy hh:mm" in Vietnam, as a statement has it. Years 1970 to 9999; "" beyond. */
void vntime_minute(int64_t ms, char out[17]);

#endif
