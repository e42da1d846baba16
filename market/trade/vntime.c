/* vntime.c: see vntime.h. */
#include "market/trade/vntime.h"

#include <glib.h>
#include <string.h>
#include <time.h>

enum { ZONE_MIN = 7 * 60, DAY_MS = 86400000 };

/* Days from 1970-01-01 of a civil date (years from 1600 on). */
static int64_t days_of(int y, int m, int d)
{
    y -= m <= 2;
    int era = y / 400, of_era = y - era * 400;
    int of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_date(int y, int m, int d)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return y >= 2000 && y <= 2100 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] &&
           (m != 2 || d < 29 || leap);
}

/* A number of min…max digits. */
static bool number(const char **at, int min, int max, int *out)
{
    const char *p = *at;
    int value = 0, n = 0;
    for (; n < max && g_ascii_isdigit(*p); n++, p++)
        value = value * 10 + (*p - '0');
    if (n < min)
        return false;
    *at = p;
    *out = value;
    return true;
}

static bool one_of(const char **at, const char *set)
{
    if (!**at || !strchr(set, **at))
        return false;
    ++*at;
    return true;
}

static bool read_date(const char **at, int64_t *days)
{
    const char *p = *at;
    int a, b, c;
    bool year_first = strspn(p, "0123456789") == 4;
    if (!number(&p, year_first ? 4 : 1, year_first ? 4 : 2, &a))
        return false;
    char between = *p;
    if (!one_of(&p, "-/.") || !number(&p, 1, 2, &b) || *p != between)
        return false;
    p++;
    if (!number(&p, year_first ? 1 : 4, year_first ? 2 : 4, &c))
        return false;
    int y = year_first ? a : c, d = year_first ? c : a;
    if (!is_date(y, b, d))
        return false;
    *days = days_of(y, b, d);
    *at = p;
    return true;
}

static bool read_clock(const char **at, int64_t *ms)
{
    int h, m, s = 0;
    if (!number(at, 1, 2, &h) || !one_of(at, ":") || !number(at, 2, 2, &m))
        return false;
    if (**at == ':' && (++*at, !number(at, 2, 2, &s)))
        return false;
    if (**at == '.')
        *at += 1 + strspn(*at + 1, "0123456789"); /* parts of a second are not kept */
    *ms = ((h * 60 + m) * 60 + s) * INT64_C(1000);
    return h < 24 && m < 60 && s < 60;
}

static bool read_zone(const char **at, int *minutes)
{
    int h, m, sign = **at == '-' ? -1 : 1;
    *minutes = ZONE_MIN;
    if (one_of(at, "Z")) {
        *minutes = 0;
        return true;
    }
    if (!one_of(at, "+-"))
        return true;
    if (!number(at, 2, 2, &h))
        return false;
    one_of(at, ":");
    if (!number(at, 2, 2, &m) || h > 14 || m > 59)
        return false;
    *minutes = sign * (h * 60 + m);
    return true;
}

/* 45678 or 45678.25: days since 1899-12-30. */
static bool read_serial(const char *text, int64_t *ms)
{
    char *end;
    double days = g_ascii_strtod(text, &end);
    if (end == text || end[strspn(end, " \t\r\n")] || !(days >= 36526 && days < 73415)) /* 2000 … 2100 */
        return false;
    int64_t seconds = (int64_t)(days * 86400 + 0.5);
    *ms = (seconds - INT64_C(25569) * 86400 - ZONE_MIN * 60) * 1000;
    return true;
}

bool vntime_read(const char *text, int64_t *ms)
{
    const char *p = text + strspn(text, " \t\r\n");
    int64_t days, clock = 0;
    int zone = ZONE_MIN;
    if (read_serial(p, ms))
        return true;
    if (!read_date(&p, &days))
        return false;
    size_t gap = strspn(p, " \t\r\nT");
    if (gap && p[gap]) {
        p += gap;
        if (!read_clock(&p, &clock) || !read_zone(&p, &zone))
            return false;
    }
    if (p[strspn(p, " \t\r\n")])
        return false;
    *ms = days * DAY_MS + clock - zone * INT64_C(60000);
    return true;
}

void vntime_day(int64_t ms, char out[11])
{
    g_autoptr(GDateTime) day = g_date_time_new_from_unix_utc(ms / 1000 + ZONE_MIN * 60);
    g_autofree char *text = g_date_time_format(day, "%Y-%m-%d");
    g_strlcpy(out, text ? text : "", 11);
}

static char *put_digits(char *at, int value, int digits)
{
    for (int i = digits; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + digits;
}

/* By hand: a statement has thousands of rows, and GDateTime's formatting was a seventh of making one. */
void vntime_minute(int64_t ms, char out[17])
{
    struct tm tm;
    time_t seconds = (time_t)(ms / 1000 + ZONE_MIN * 60);
    out[0] = '\0';
    if (ms < 0 || !gmtime_r(&seconds, &tm) || tm.tm_year + 1900 > 9999)
        return;
    char *at = put_digits(out, tm.tm_mday, 2);
    *at++ = '/';
    at = put_digits(at, tm.tm_mon + 1, 2);
    *at++ = '/';
    at = put_digits(at, tm.tm_year + 1900, 4);
    *at++ = ' ';
    at = put_digits(at, tm.tm_hour, 2);
    *at++ = ':';
    *put_digits(at, tm.tm_min, 2) = '\0';
}
