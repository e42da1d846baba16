/* words.h: the words for result codes, read once at start from the catalogues the pages use:
 * web/text/{vi,en,fr}.json. */
#ifndef EDGE_WORDS_H
#define EDGE_WORDS_H

struct words;

/* Reads text/LANG.json below the web directory. Never NULL; a missing catalogue or word shows as the code
 * itself. */
struct words *words_new(const char *web);
void words_free(struct words *words);
/* Static as long as the words live. `key` for example "error.sold-out". */
const char *words_get(const struct words *words, const char *lang, const char *key);

#endif
