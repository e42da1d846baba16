// types.ts: the shapes web/openapi.yaml describes, as the pages see them.
// Money is integer đồng, quantity integer grams or pieces, times integer ms since 1970 UTC.

export type Unit = 'kg' | 'bunch' | 'piece';

export interface Stall {
  slug: string; name: string; village: string; about: string;
  state: 'open' | 'closed';
  farmer?: { id: number; name: string };
}

export interface Lot {
  id: number; name: string; unit: Unit; price: number; available: number;
  state: 'open' | 'closed'; picture: string | null; note: string | null;
  tolerance: number;           // percent above what was ordered that a buyer takes without being asked
  limit: number | null;        // how much one buyer may have
  flash?: Flash | null;        // in journal rows from before there were any: not there
  harvest?: Harvest | null;
}

/** A lower price for an amount and a time. */
export interface Flash { id: number; price: number; left: number; limit: number | null; starts_at: number; ends_at: number }

/** Ordered before it is picked; picked_at: it is there now. */
export interface Harvest { pick_at: number; order_until: number; picked_at: number | null }

export type LiveState = 'planned' | 'live' | 'paused' | 'ended';

export interface Live {
  id: number; title: string | null; state: LiveState; approved: boolean;
  planned_at: number | null; started_at: number | null; ended_at: number | null;
  reason: string | null;
}

export interface OrderLine {
  lot: number; name: string; unit: Unit; quantity: number; price: number; amount: number;
  state?: LineState; weighed?: number | null;      // not in journal rows from before there was a scale
}

export type LineState = 'ordered' | 'weighed' | 'extra' | 'accepted' | 'declined';

export type OrderState = 'placed' | 'confirmed' | 'cancelled';

export interface Order {
  id: number; code: string; stall: string; stall_name: string; state: OrderState;
  lines: OrderLine[]; total: number; name: string; phone: string; place: string;
  note: string | null; placed_at: number; reason: string | null; closed_at?: number | null;
  expires_at?: number | null;  // until when the goods are kept while the transfer is awaited
  delivery?: Fee | null;
  pay_way?: 'bank' | 'cash' | null;   // how the buyer means to pay
  offer?: boolean;             // to somebody of the waitlist: waits for the buyer's yes until expires_at
  why?: string | null;         // the coded reason of a cancellation
  merged_into?: string | null; // the order it went on as
  placed_by?: string | null;   // who of the village team placed it for its buyer
}

/** A place in the line of a lot that is sold out. */
export interface Wait {
  id: number; lot: number; lot_name: string; unit: Unit; stall: string; quantity: number; min: number; name: string;
  state: 'waiting' | 'offered' | 'taken' | 'declined' | 'expired' | 'left'; order: string | null; ends_at: number | null; made_at: number; ahead: number;
}

/** How the order is delivered and what that costs; in the total beside the lines. */
export interface Fee {
  zone: number; zone_name: string; point: number | null; point_name: string | null; point_place: string | null; grams: number; amount: number;
}

export type RoomState = 'idle' | 'live' | 'stalled' | 'paused';
export type Uplink = 'good' | 'weak' | 'bad' | 'none';

/** How many of the connected viewers get the picture, the low one, sound alone. */
export interface Renditions { source: number; low: number; audio: number }

export interface Room { state: RoomState; viewers: number; uplink: Uplink; renditions?: Renditions }

export interface Snapshot {
  stall: Stall; live: Live | null; lots: Lot[]; mark: number; mine: boolean;
  orders: Order[]; room: Room; poster: string | null;
}

/** One journal row as the WebSocket brings it; what is in body depends on kind and on who asks. */
export interface Row {
  id: number; at: number; kind: string; stall: string;
  body: {
    stall?: Stall; lot?: Lot | number; available?: number; live?: Live;
    order?: Order | string;            // the code alone where only its payment changed
    lots?: { lot: number; available: number; flash_left?: number }[]; first_name?: string;
  };
}

export interface StallCard {
  slug: string; name: string; village: string; about: string; state: 'open' | 'closed';
  live: Live | null; poster: string | null; lots: number;
}

export interface LiveCard extends Live {
  slug: string; stall_name: string; farmer_name: string; viewers: number; renditions?: Renditions;
  poster: string | null; room: RoomState | Room | null; uplink: Uplink;
}

export type Role = 'farmer' | 'buyer' | 'cadre' | 'courier' | 'admin';

export interface Person {
  id: number; name: string; phone: string; place: string; roles: Role[]; stalls?: string[];
}

/** What the door answers. */
export interface LoggedIn { person: Person; factor_first: boolean }

export interface OrderDraft {
  stall: string;
  lines: { lot: number; quantity: number; price: number; min?: number }[];    // min: takes what there is, not less than this
  name: string; phone: string; place: string; note?: string;
  delivery?: { zone: number; point?: number; fee: number };
  credit?: number;             // up to so much is paid with what the buyer has good
  at?: number;                 // pressed while there was no network: when, by this phone
}
