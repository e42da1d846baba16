/* certificate.h: papers about a lot (VietGAP, OCOP…): a PDF, JPEG or PNG, recognised by its bytes whatever it
 * calls itself. Kept with the lot, shown to everybody, taken off by the farmer or a cadre. Desk thread;
 * reading: any reader. */
#ifndef TRADE_CERTIFICATE_H
#define TRADE_CERTIFICATE_H

#include "market/trade/stall.h"

enum { CERTIFICATE_BYTES_MAX = 1000000, CERTIFICATES_MAX = 6 };

/* Pure: the type by the first bytes, NULL for anything else. */
const char *certificate_type(const unsigned char *bytes, size_t size);
/* `base64` as the client sent it. R_TOO_BIG; R_UNSUPPORTED: no such file; R_LIMIT: CERTIFICATES_MAX are
 * there. */
enum result certificate_add(struct trade *trade, const struct stall *stall, int64_t lot, const char *kind,
                            const char *base64, int64_t *id);
enum result certificate_remove(struct trade *trade, const struct stall *stall, int64_t lot,
                               int64_t id);                                   /* R_UNKNOWN */
enum result certificate_list(struct trade *trade, int64_t lot, json_t **out); /* [{id,kind,type,bytes,at}] */
enum result certificate_file(struct trade *trade, int64_t id,
                             json_t **out); /* {type, body: base64}; R_UNKNOWN */

#endif
