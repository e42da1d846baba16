/* dtls_end.h: between dtls.c and dtls_end.c only. */
#ifndef RELAY_DTLS_END_H
#define RELAY_DTLS_END_H

#include "streamer/relay/dtls.h"

#include <openssl/ssl.h>

bool dtls_end_derive(struct dtls_end *out, SSL *ssl); /* after the handshake */

#endif
