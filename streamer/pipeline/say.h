/* say.h: what a child has to tell the log: one JSON line per event on stderr, in the shape all our programs
 * use. For events, never for single packets. Any thread. */
#ifndef PIPELINE_SAY_H
#define PIPELINE_SAY_H

enum say_level { SAY_INFO, SAY_WARN, SAY_ERROR };

void say_as(const char *program, const char *room); /* names for every line; the strings are copied */

/* `pairs` is a jansson pack format for an object's members, without braces, or NULL:
 * say(SAY_INFO, "ingest.ready", "s:i", "start_ms", 9). */
void say(enum say_level level, const char *event, const char *pairs, ...);

#endif
