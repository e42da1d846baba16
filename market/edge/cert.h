/* cert.h: the certificate: made by ourselves for a first start, watched for its end. */
#ifndef EDGE_CERT_H
#define EDGE_CERT_H

#include <stdbool.h>

/* Makes a P-256 key and a self-signed certificate for localhost, 127.0.0.1, ::1 and `hosts`
 * (NULL-terminated), valid for two years; both files mode 0600, whole or not at all. */
bool cert_make(const char *cert_file, const char *key_file, const char *const *hosts);
/* A certificate as it is served, kept for questions about it. */
struct cert;
/* NULL when the files cannot be read or do not belong together. */
struct cert *cert_load(const char *cert_file, const char *key_file);
void cert_free(struct cert *cert); /* NULL is fine */
/* Does it name this host? A name or an address, without port; [v6] in brackets. */
bool cert_names(const struct cert *cert, const char *host);
/* Its first name that is no pattern, to g_free; NULL when it has addresses only. */
char *cert_first_name(const struct cert *cert);
/* Whole days until it ends; negative when it is over. */
int cert_days_left(const struct cert *cert);

#endif
