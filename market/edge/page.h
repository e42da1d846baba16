/* page.h: the pages' templates: read at start and on SIGHUP, filled in per request. Edge thread. */
#ifndef EDGE_PAGE_H
#define EDGE_PAGE_H

#include "market/edge/inner.h"

struct pages *pages_new(struct edge *edge);
void pages_free(struct pages *pages);
/* Reads the templates again when they are next asked for. */
void pages_forget(struct pages *pages);
/* Replaces the marks of a template: lang="…" of <html>, <!--og--> and <!--state-->. New string. Pure. */
char *page_fill(const char *template, const char *lang, const char *og, const char *state);
/* Link-preview tags. Values are escaped here; `about` and `image` may be NULL. New string. Pure. */
char *page_og(const char *title, const char *about, const char *url, const char *image);

#endif
