/* film.h: what a file holds, asked of FFmpeg, which shares no code with what wrote it and is what browsers
 * read with. For tests. */
#ifndef TESTS_FILM_H
#define TESTS_FILM_H

struct film {
    unsigned pictures, sounds; /* decoded frames */
    int width, height;
};

void film_look(const char *path, struct film *film); /* fails the test when it cannot be read at all */

#endif
