/* doors.h: one function per kind of route. Each answers the exchange, now or later. Edge thread. */
#ifndef EDGE_DOORS_H
#define EDGE_DOORS_H

#include "market/edge/exchange.h"

void door_desk(struct exchange *x);
void door_page(struct exchange *x);
void door_nowhere(struct exchange *x); /* no such address: a person gets a page, a program its problem */
void door_asset(struct exchange *x);
void door_media(struct exchange *x);
void door_origin(struct exchange *x);     /* where a lot comes from… */
void door_moment(struct exchange *x);     /* …the recording that shows it… */
void door_paper(struct exchange *x);      /* …and its papers */
void door_picture(struct exchange *x);    /* a lot's picture is set… */
void door_no_picture(struct exchange *x); /* …or taken off */
void door_health(struct exchange *x);
void door_ready(struct exchange *x);
void door_hook(struct exchange *x);   /* notices of banks */
void door_events(struct exchange *x); /* server-sent events of WHEP sessions */
void door_layer(struct exchange *x);  /* a WHEP session's rendition */
void door_whip(struct exchange *x);   /* WHIP and WHEP */

#endif
