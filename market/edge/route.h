/* route.h: the table of everything the market answers. HTTP, the WebSocket's calls, `market routes` and the
 * tests read it. */
#ifndef EDGE_ROUTE_H
#define EDGE_ROUTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum door {
    DOOR_DESK, /* params = path + query + JSON body; the desk answers */
    DOOR_HEALTH,
    DOOR_READY,
    DOOR_PAGE,       /* a template of web/, filled in */
    DOOR_ASSET,      /* a file of web/ */
    DOOR_MEDIA,      /* a file below the media directory */
    DOOR_ORIGIN,     /* where a lot comes from, */
    DOOR_MOMENT,     /* the recording that shows it, */
    DOOR_PAPER,      /* its papers */
    DOOR_PICTURE,    /* a lot's picture as the body itself, */
    DOOR_NO_PICTURE, /* and taken off */
    DOOR_WHIP,
    DOOR_WHEP,
    DOOR_LAYER,  /* of a WHEP session */
    DOOR_EVENTS, /* of a WHEP session */
    DOOR_LIVE,   /* the WebSocket */
    DOOR_HOOK,   /* a bank's notice: checked over its raw bytes */
};

enum route_flag {
    ROUTE_WRITE = 1,     /* changes things: a cookie alone is not enough, the page must be ours */
    ROUTE_CALL = 2,      /* may be called by name on the WebSocket */
    ROUTE_SHOW = 4,      /* the edge adds what the relay knows: room, viewers, poster */
    ROUTE_LOGIN = 8,     /* answers may set or clear the session cookie */
    ROUTE_OPEN = 16,     /* any origin may ask (WHIP and WHEP clients on other sites) */
    ROUTE_CREATED = 32,  /* the happy answer is 201 */
    ROUTE_EMPTY = 64,    /* the happy answer is 204 */
    ROUTE_FILE = 128,    /* the body has a file in it: FILE_MAX instead of BODY_MAX */
    ROUTE_RAW = 256,     /* the office may send the file alone (application/octet-stream), up to RAW_MAX */
    ROUTE_PICTURE = 512, /* the body is a picture, up to PICTURE_MAX */
};

struct route {
    const char *method;  /* HEAD is answered by GET's row */
    const char *pattern; /* segments in braces are parameters, checked by their name */
    const char *command; /* at the desk; for pages the query that fills them; NULL for none */
    const char *who;     /* for people and the access matrix; the desk is who decides */
    unsigned flags;      /* enum route_flag */
    enum door door;
    const char *file; /* DOOR_PAGE: template */
};

extern const struct route route_table[];
extern const size_t route_count;

enum { ROUTE_PARAMS_MAX = 3 };

struct route_match {
    const struct route *route; /* NULL: no such path, or not with this method (then `allow` has bits) */
    unsigned allow;            /* enum route_method bits that the path knows */
    size_t count;
    const char *name[ROUTE_PARAMS_MAX]; /* points into the pattern, `name_length` bytes */
    size_t name_length[ROUTE_PARAMS_MAX];
    const char *value[ROUTE_PARAMS_MAX]; /* points into the path */
    size_t value_length[ROUTE_PARAMS_MAX];
};

enum route_method {
    METHOD_GET = 1,
    METHOD_POST = 2,
    METHOD_PUT = 4,
    METHOD_PATCH = 8,
    METHOD_DELETE = 16,
    METHOD_OPTIONS = 32
};

/* Finds the row for a method ("GET", also for HEAD) and decoded path. True when match->route is set. */
bool route_find(const char *method, const char *path, struct route_match *match);
/* The row of a command that may be called on the WebSocket, or NULL. */
const struct route *route_call(const char *command);
/* Adds the path's parameters to `params`: {id} as an integer, others as text. */
void route_params(const struct route_match *match, json_t *params);
/* "GET, HEAD, POST" for bits; the caller's buffer of at least 64 bytes. */
void route_allow(unsigned allow, char *text, size_t size);
/* The table as JSON, for `market routes` and the test that holds web/openapi.yaml against it. */
json_t *route_json(void);

#endif
