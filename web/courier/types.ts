// types.ts: trips and doors as the market tells them (web/openapi.yaml: Trip, Stop, WaitingOrder, Zone).
import type { Unit } from '../shared/types.ts';

export type TripState = 'planned' | 'loaded' | 'moving' | 'closed';
export type StopState = 'waiting' | 'arrived' | 'delivered' | 'partial' | 'failed' | 'removed';

export interface StopLine { lot: number; name: string; unit: Unit; quantity: number; price: number }

export interface Stop {
  id: number; trip: number; position: number; state: StopState; reason: string; note: string;
  collected: number; due: number; tries_left: number; done_at: number | null; undo_until: number | null;
  order: string; order_state: string; name: string; phone: string; place: string; order_note: string; total: number;
  pay_way?: 'bank' | 'cash' | null;
  stall: string; stall_name: string; point_name: string | null; point_place: string | null; lines: StopLine[];
}

export interface TripHead {
  id: number; courier: number; courier_name: string; title: string; state: TripState; planned_at: number;
  moved_at: number | null; closed_at: number | null; stop_count: number; done_count: number;
}
export interface Trip extends TripHead { stops: Stop[] }

export interface WaitingOrder {
  code: string; name: string; place: string; stall: string; stall_name: string; placed_at: number;
  zone_name: string | null; point_name: string | null; grams: number; pay_first: 'cod-refusals' | 'cod-cap' | null;
}

export const PROOFS = ['code', 'photo', 'signature'] as const;
export type Proof = { kind: (typeof PROOFS)[number]; body: string };
export interface Mark {
  to: 'arrived' | 'delivered' | 'partial' | 'failed'; reason?: string; note?: string; collected?: number; proof?: Proof;
  lines?: { lot: number; quantity: number }[];
}

export const FAILED = ['not-home', 'no-answer', 'wrong-place', 'refused', 'quality', 'missing', 'damaged', 'spoiled', 'vehicle', 'road', 'weather'] as const;
export const PARTIAL = ['refused', 'quality', 'missing', 'damaged', 'spoiled'] as const;
