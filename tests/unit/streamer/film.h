/* film.h: what a file holds, asked of FFmpeg, which shares no code with what wrote it and is what browsers
 * read with. For tests. */
#ifndef TESTS_FILM_H
#define TESTS_FILM_H

struct film {
    unsigned pictures, sounds; /* decoded frames */
    int width, height;
};

void film_look(const char *path, struct film *film); /* fails the test when it cannot be read at all */
/* Milliseconds from the last picture's time to the last sound's. */
double film_sound_after_ms(const char *path);

#endif
