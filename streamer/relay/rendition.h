/* rendition.h: which rendition of the room's picture a viewer gets: the source, the low one, or sound alone.
 * The viewer's link (estimate.h) and its own wish decide, a keyframe is the only place to switch, and SSRC,
 * sequence and timestamps go on without a seam, so nothing is negotiated again. One thread. */
#ifndef RELAY_RENDITION_H
#define RELAY_RENDITION_H

#include "streamer/relay/viewer.h"

const char *rendition_word(enum rendition r); /* "source", "low", "audio" */
/* The word of a wish: those above, and "auto", which allows all. False: none of them. */
bool rendition_read(const char *word, enum rendition *ceiling);

void rendition_init(struct viewer *v, int64_t now_us);
/* By hand: never more than this. */
void rendition_wish(struct viewer *v, enum rendition ceiling, int64_t now_us);
/* Something was reported, or time has passed: sets v->aim. */
void rendition_choose(struct viewer *v, int64_t now_us);
/* The source is another layer of the phone from now on: what links were said to carry was about the one
 * before. */
void rendition_source_changed(struct room *r, int64_t now_us);
/* While v->aim is not v->now: switches if a keyframe is there, else wishes for one. */
void rendition_turn(struct viewer *v, int64_t now_us);
/* The viewer cannot draw, or waits for a start: a keyframe of what it watches, please. */
void rendition_want_keyframe(struct viewer *v, enum keyframe_reason reason, int64_t now_us);

#endif
