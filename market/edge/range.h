/* range.h: one byte range of a Range header (RFC 9110 §14). Several ranges are answered with the whole file,
 * as allowed. */
#ifndef EDGE_RANGE_H
#define EDGE_RANGE_H

#include <stdint.h>

enum range { RANGE_WHOLE /* none, or one we may ignore */, RANGE_PART, RANGE_BAD /* 416 */ };

/* `header` may be NULL. On RANGE_PART 0 ≤ *first ≤ *last < size. */
enum range range_parse(const char *header, int64_t size, int64_t *first, int64_t *last);

#endif
