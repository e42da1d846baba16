/* whep_layer.h: which rendition a viewer wants: the WHEP extension of layers (draft-ietf-wish-whep,
 * urn:ietf:params:whep:ext:core:layer). Edge thread.
 *
 * The 201 of a WHEP POST names /whep/{slug}/{session}/layer. A POST there of
 * {"rid":"source"|"low"|"audio"} ("encodingId" in older drafts) is a ceiling: the viewer gets that, or less
 * where its link carries less. {} and DELETE: whatever the link carries. The picture goes on in the same
 * connection. */
#ifndef EDGE_WHEP_LAYER_H
#define EDGE_WHEP_LAYER_H

#include "market/edge/exchange.h"

/* The Link header of a 201. */
void whep_layer_link(struct exchange *x, const char *room, const char *session);

#endif
