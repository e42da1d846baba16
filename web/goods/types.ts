// types.ts: shapes of the goods' pages, as web/openapi.yaml describes them.
import type { Lot, Stall, Unit } from '../shared/types.ts';

export interface Certificate { id: number; kind: 'vietgap' | 'ocop' | 'organic' | 'other'; type: string; bytes: number; at: number }

export interface Origin {
  lot: Lot; stall: Stall;
  origin: { plot: string; picked_at: number | null; pick_at: number | null; live: number | null; moment_at: number | null; live_from: number | null };
  certificates: Certificate[];
  video?: { url: string; from_ms: number } | null;
}

export interface Label {
  lot: number; name: string; unit: Unit; quantity: number | null; farmer: string; stall: string; village: string; plot: string;
  picked_at: number | null; code: string; buyer: string; url: string; svg: string;
}

export interface Writeoff {
  id: number; lot: number; name: string; unit: Unit; amount: number; reason: string; bears: string; order: string | null; at: number; device_at: number | null; back_at: number | null;
}
