/* whip.h: the HTTP half of a WHIP client (RFC 9725): POST an offer, DELETE the session. Blocking; one thread.
 */
#ifndef PHONE_WHIP_H
#define PHONE_WHIP_H

#include <stdbool.h>

struct whip_door {
    const char *url, *token; /* token NULL: none */
    const char *ca;          /* PEM file to trust, NULL: the system's */
    bool insecure;           /* trust anyone: for a certificate made on the spot */
    const bool *stop;        /* a transfer gives up soon after this turns true (set by a signal) */
};

struct whip_reply {
    int status;      /* HTTP status; 0: no answer, and `words` says why */
    char *answer;    /* SDP of a 201 */
    char *session;   /* absolute session URL of a 201, "" when the server gave no Location */
    int retry_ms;    /* from Retry-After; 0 when absent */
    char words[200]; /* of the failure, for the log */
};

void whip_post(const struct whip_door *door, const char *offer, struct whip_reply *reply);
int whip_delete(const struct whip_door *door, const char *session); /* HTTP status, 0 when nobody answered */
void whip_reply_done(struct whip_reply *reply);

#endif
