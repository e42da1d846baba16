/* range.c: reads a Range header. Edge thread; pure. */
#include "market/edge/range.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Reads digits; numbers beyond 18 digits count as the largest: they are past any end. */
static bool number(const char **text, int64_t *out)
{
    int digits = 0;
    int64_t value = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        value = digits++ < 18 ? value * 10 + (**text - '0') : INT64_MAX;
    }
    *out = value;
    return digits > 0;
}

enum range range_parse(const char *header, int64_t size, int64_t *first, int64_t *last)
{
    if (!header || strncasecmp(header, "bytes=", 6) != 0 || strchr(header, ','))
        return RANGE_WHOLE;
    const char *at = header + 6;
    int64_t from = 0, to = INT64_MAX;
    while (*at == ' ')
        at++;
    bool has_from = number(&at, &from);
    if (*at++ != '-')
        return RANGE_WHOLE;
    bool has_to = number(&at, &to);
    if (!has_to)
        to = INT64_MAX;
    while (*at == ' ')
        at++;
    if (*at || (!has_from && !has_to) || (has_from && has_to && to < from))
        return RANGE_WHOLE; /* not a range set: the header is ignored */
    if (!has_from) {
        if (to == 0 || size == 0)
            return RANGE_BAD;
        *first = to >= size ? 0 : size - to;
        *last = size - 1;
        return RANGE_PART;
    }
    if (from >= size)
        return RANGE_BAD;
    *first = from;
    *last = to >= size ? size - 1 : to;
    return RANGE_PART;
}
