import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isMeant } from '../cadre/find.ts';
import en from '../text/en.json';
import fr from '../text/fr.json';
import vi from '../text/vi.json';
import { inOrder as boardOrder, applyRoom, applyRow, savers } from '../cadre/board.ts';
import { actsOf } from '../cadre/session-card.tsx';
import { slugOf, slugsOf } from '../cadre/slug.ts';
import { wayFor, wayOn } from '../door/way.ts';
import { wayBack } from '../shared/ui/back.ts';
import { draftOf } from '../shared/ui/draft.ts';
import { inLanguage } from '../shared/text.ts';
import { Presses } from '../farmer/presses.ts';
import { correct, setLine, takeLess, total } from '../buyer/basket.ts';
import { inOrder as stallOrder } from '../buyer/home.tsx';
import { firstOf } from '../buyer/stall-kept.ts';
import { Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { readFirst, safeTo } from '../shared/page.ts';
import type { Keep } from '../shared/store.ts';
import { chooseLanguage, errorText, fill, quantityText } from '../shared/text.ts';
import { produceKind } from '../shared/ui/produce.tsx';
import type { LiveCard, Lot, OrderDraft, Row, Snapshot, StallCard } from '../shared/types.ts';

describe('back', () => {
  test('closes what lies on top, passes over what closed sheets left, and never goes on when somebody came forward', () => {
    const two = [{ depth: 1 }, { depth: 2 }];
    assert.deepEqual(wayBack(2, 1, two), { close: 1, on: false });
    assert.deepEqual(wayBack(2, 0, two), { close: 2, on: false });         // held down: back over more than one
    assert.deepEqual(wayBack(2, 1, two.slice(0, 1)), { close: 0, on: true });
    assert.deepEqual(wayBack(1, 0, []), { close: 0, on: true });
    assert.deepEqual(wayBack(0, 1, []), { close: 0, on: false });
    assert.deepEqual(wayBack(0, 0, []), { close: 0, on: false });
  });
});

test('a person is found by a name without its marks, and by the number as it is shown', () => {
  const who = { name: 'Vừ Thị Đỗ', phone: '+84912000003' };
  for (const typed of ['', 'vu thi', 'Đỗ', 'do', '0912 000 003', '+84 912', '912.000', '00003']) assert.ok(isMeant(who, typed), typed);
  for (const typed of ['va', '0913', 'do 0912']) assert.ok(!isMeant(who, typed), typed);
});

describe('the catalogues', () => {
  test('have the same keys and the same blanks in every language', () => {
    const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [name, other] of [['en', en], ['fr', fr]] as const) {
      assert.deepEqual(Object.keys(other).sort(), Object.keys(vi).sort(), name);
      for (const [key, text] of Object.entries(vi)) assert.deepEqual(blanks((other as Record<string, string>)[key]!), blanks(text), `${name} ${key}`);
    }
  });
  test('say what is one as one', () => {
    for (const text of Object.entries(en).filter(([key]) => key !== 'merge.button').map(([, words]) => words)) {   // one order is not joined
      assert.ok(!/(^|[ (])1 (rows|orders|things|stops|lines|numbers|codes|minutes|doors|days|times|recovery codes)\b/.test(fill(text, { n: 1, days: 1, all: 1 })), text);
    }
    for (const text of Object.entries(fr).filter(([key]) => key !== 'merge.button').map(([, words]) => words)) {
      assert.ok(!/(^|[ (])1 (lignes|commandes|actions|arrêts|numéros|codes|minutes|portes|jours|points|livraisons)\b/.test(fill(text, { n: 1, days: 1, all: 1 })), text);
    }
  });
  test('write the tone of oa, oe and uy in one place, on the first of the two', () => {
    for (const [key, text] of Object.entries(vi)) assert.ok(!/(o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])(?!\p{L})/iu.test(text), key);
  });
  test('have words for every outcome of the market', () => {
    const header = readFileSync(`${WEB_DIR}/../market/base/result.h`, 'utf8');
    const codes = [...header.matchAll(/X\(\w+, \d+, "([\w-]+)"\)/g)].map((m) => m[1]!);
    assert.ok(codes.length > 25);
    for (const code of codes) assert.ok(`error.${code}` in vi, code);
  });
  test('are chosen by the address, then the cookie, then the server', () => {
    assert.equal(chooseLanguage('?lang=fr', 'lang=en', 'vi'), 'fr');
    assert.equal(chooseLanguage('', 'a=1; lang=en', 'vi'), 'en');
    assert.equal(chooseLanguage('', '', 'fr-FR'), 'fr');
    assert.equal(chooseLanguage('?lang=xx', '', 'vi'), 'vi');
  });
  test('are filled in', () => {
    const waits = '{n} {n:order waits|orders wait}, {missing:a|b}';
    assert.deepEqual([0, 1, 2].map((n) => fill(waits, { n })), ['0 orders wait, {missing:a|b}', '1 order waits, {missing:a|b}', '2 orders wait, {missing:a|b}']);
    assert.equal(fill('Đơn {code} của {who}', { code: 'CX1' }), 'Đơn CX1 của {who}');
    assert.equal(quantityText('kg', 1500), '1,5\u00a0kg');
    assert.equal(errorText('never-heard-of'), errorText('internal-error'));
  });
});

describe('keys and ways', () => {
  test('keys fit the market and do not repeat', () => {
    const keys = new Set(Array.from({ length: 500 }, newKey));
    assert.equal(keys.size, 500);
    for (const key of keys) assert.match(key, /^[A-Za-z0-9_-]{16,64}$/);
  });
  test('only a path of this site is a place to go', () => {
    assert.equal(safeTo('/golive?stall=x'), '/golive?stall=x');
    for (const bad of ['//evil.example', 'https://evil.example', '/\\evil', 'javascript:alert(1)', '', null]) assert.equal(safeTo(bad), null);
  });
  test('the first HTML may hold a stall, a list, a refusal or nothing', () => {
    assert.equal(readFirst('{"stall":{"slug":"x"},"lots":[],"room":{}}').snapshot!.stall.slug, 'x');
    assert.deepEqual(readFirst('{"stalls":[]}').stalls, []);
    assert.equal(readFirst('{"code":"not-found","status":404}').refusal, 'not-found');
    for (const text of [null, '', '{', 'null', '7']) assert.deepEqual(readFirst(text), { snapshot: null, stalls: null, refusal: null });
  });
  test('each role has its page', () => {
    assert.equal(wayFor({ roles: ['farmer'] }, null), '/golive');
    assert.equal(wayFor({ roles: ['farmer', 'cadre'] }, null), '/sessions');
    assert.equal(wayFor({ roles: ['buyer'] }, null), '/');
    assert.equal(wayFor({ roles: ['buyer'] }, '/s/x'), '/s/x');
  });
  test('who is in already goes on to the own work, and sees the form to come in as somebody else', () => {
    assert.equal(wayOn(null, null), null);
    assert.equal(wayOn({ roles: ['buyer'] }, '/s/x'), null);
    assert.equal(wayOn({ roles: ['buyer', 'farmer'] }, null), '/golive');
    assert.equal(wayOn({ roles: ['farmer'] }, '/goods?stall=x'), '/goods?stall=x');
    assert.equal(wayOn({ roles: ['farmer'] }, '/statement'), '/statement');
    assert.equal(wayOn({ roles: ['farmer'] }, '/sessions'), null);
    assert.equal(wayOn({ roles: ['farmer'] }, '/orders/CHO1'), null);
    assert.equal(wayOn({ roles: ['cadre'] }, '/money?tab=in'), '/money?tab=in');
    for (const door of ['/login', '/login?to=/login', '/l/abc']) assert.equal(wayOn({ roles: ['cadre'] }, door), '/sessions');
  });
  test('another language leaves the rest of the address alone', () => {
    assert.equal(inLanguage('en', { search: '?lot=3', hash: '' }), '?lot=3&lang=en');
    assert.equal(inLanguage('fr', { search: '?lang=en&to=%2Fgolive', hash: '#settings' }), '?lang=fr&to=%2Fgolive#settings');
  });
  test('a draft comes back as far as it has its form', () => {
    const keep = (text: string) => ({ get: () => text, set: () => {} });
    const first = { name: '', wanted: {} as object };
    assert.deepEqual(draftOf(keep('{"name":"Lan","wanted":{"3":1500},"more":1}'), 'x', first), { name: 'Lan', wanted: { 3: 1500 } });
    for (const text of ['', '{', '7', 'null', '{"name":5,"wanted":null}']) assert.deepEqual(draftOf(keep(text), 'x', first), first);
  });
  test('a stall\'s address is plain letters', () => {
    assert.equal(slugOf('Vườn bà Mẩy – Khe Nhinh'), 'vuon-ba-may-khe-nhinh');
    assert.equal(slugOf('Đồi Đá'), 'doi-da');
    assert.match(slugOf('一二三'), /^[a-z0-9-]{1,32}$/);
    assert.ok(slugOf('x'.repeat(80)).length <= 32);
    assert.deepEqual(slugsOf('Rau sạch').slice(0, 3), ['rau-sach', 'rau-sach-2', 'rau-sach-3']);
    assert.ok(slugsOf('x'.repeat(80)).every((s) => s.length <= 32 && /^[a-z0-9-]+$/.test(s)));
  });
  test('drawings follow the name', () => {
    assert.equal(produceKind('Cải mèo'), 'leaf');
    assert.equal(produceKind('Gừng sẻ'), 'root');
    assert.equal(produceKind('Bí đỏ'), 'gourd');
    assert.equal(produceKind('Thổ cẩm'), 'basket');
  });
});

const lot = (id: number, over: Partial<Lot> = {}): Lot => ({ id, name: `lot ${id}`, unit: 'kg', price: 25000, available: 5000, state: 'open', picture: null, note: null, tolerance: 10, limit: null, ...over });

describe('the basket', () => {
  const lots = [lot(1), lot(2, { unit: 'bunch', price: 15000 })];
  test('adds up what the server will ask', () => {
    const lines = setLine(setLine([], lots[0]!, 1500), lots[1]!, 2);
    assert.equal(total(lines, lots), 37500 + 30000);
    assert.equal(setLine(lines, lots[0]!, 0).length, 1);
  });
  test('keeps the price the buyer was shown', () => {
    const lines = setLine([], lots[0]!, 1000);
    assert.equal(setLine(lines, { ...lots[0]!, price: 99000 }, 1500)[0]!.price, 25000);
  });
  test('is put right after a refusal', () => {
    const draft: OrderDraft = { stall: 'x', lines: [{ lot: 1, quantity: 3000, price: 25000 }, { lot: 2, quantity: 1, price: 15000 }], name: '', phone: '', place: '' };
    const sold = correct(draft, new Problem(409, 'sold-out', { lot: 1, available: 500 }), lots);
    assert.deepEqual([sold.available, sold.lines.map((l) => l.quantity)], [500, [500, 1]]);
    const gone = correct(draft, new Problem(409, 'sold-out', { lot: 1, available: 0 }), lots);
    assert.deepEqual(gone.lines.map((l) => l.lot), [2]);
    const dearer = correct(draft, new Problem(409, 'price-changed', { lot: 1, price: 28000 }), lots);
    assert.deepEqual([dearer.price, dearer.lines[0]!.price, dearer.lines[0]!.quantity], [28000, 28000, 3000]);
    assert.deepEqual(correct(draft, new Problem(409, 'stall-closed'), lots).lot, null);
    const enough = correct(draft, new Problem(409, 'buyer-limit', { lot: 1, limit: 2000, had: 500 }), lots);
    assert.deepEqual([enough.available, enough.lines.map((l) => l.quantity)], [null, [1500, 1]]);
  });
  test('may take what there is', () => {
    const lines = takeLess(setLine([], lots[0]!, 3000), lots[0]!, true);
    assert.deepEqual(lines, [{ lot: 1, quantity: 3000, price: 25000, min: 500 }]);
    assert.deepEqual(setLine(lines, lots[0]!, 200), [{ lot: 1, quantity: 200, price: 25000, min: 200 }]);
    assert.deepEqual(takeLess(lines, lots[0]!, false), [{ lot: 1, quantity: 3000, price: 25000 }]);
  });
});

describe('lists', () => {
  const card = (id: number, state: LiveCard['state'], approved = true): LiveCard => ({
    id, title: null, state, approved, planned_at: null, started_at: null, ended_at: null, reason: null, slug: `s${id}`, stall_name: '', farmer_name: '',
    viewers: 0, poster: null, room: null, uplink: 'none',
  });
  test('stalls on air come first, closed ones last', () => {
    const stall = (name: string, live: StallCard['live'], state: StallCard['state'] = 'open'): StallCard => ({ slug: name, name, village: '', about: '', state, live, poster: null, lots: 0 });
    const list = stallOrder([stall('c', null, 'closed'), stall('b', null), stall('a', card(1, 'planned')), stall('z', card(2, 'live'))]);
    assert.deepEqual(list.map((s) => s.name), ['z', 'a', 'b', 'c']);
  });
  test('the cadre sees what is on air, then what waits', () => {
    assert.deepEqual(boardOrder([card(1, 'planned'), card(2, 'planned', false), card(3, 'live')]).map((c) => c.id), [3, 2, 1]);
    assert.deepEqual(actsOf(card(1, 'planned', false)), ['approve', 'stop']);
    assert.deepEqual(actsOf(card(1, 'paused')), ['resume', 'stop']);
    assert.deepEqual(actsOf(card(1, 'ended')), []);
  });
  test('the board follows rows and rooms, and asks for what it does not know', () => {
    const cards = [card(3, 'live')];
    const ended = { ...card(3, 'ended'), reason: 'x' };
    const row = (live: LiveCard): Row => ({ id: 1, at: 0, kind: 'live.ended', stall: 's3', body: { live } });
    assert.equal(applyRow(cards, row(ended))![0]!.state, 'ended');
    assert.equal(applyRow(cards, row(card(9, 'planned'))), null);
    assert.equal(applyRoom(cards, 's3', { state: 'live', viewers: 7, uplink: 'weak' })[0]!.viewers, 7);
    const weak = applyRoom(cards, 's3', { state: 'live', viewers: 7, uplink: 'weak', renditions: { source: 4, low: 2, audio: 1 } })[0]!;
    assert.deepEqual(savers(weak), { low: 2, audio: 1 });
    assert.equal(savers({ ...weak, renditions: { source: 7, low: 0, audio: 0 } }), null);
    assert.equal(savers({ ...weak, renditions: undefined }), null);
  });
});

describe('quick presses on the amount left', () => {
  test('become one change, and are sent again with the same key', async () => {
    const sent: [number, string][] = [];
    const timers: (() => void)[] = [];
    const pending: number[] = [];
    let fail = 1;
    const presses = new Presses({
      send: async (add, key) => { sent.push([add, key]); if (fail-- > 0) throw new Problem(0, 'offline'); },
      onPending: (sum) => pending.push(sum), onTrouble: () => {}, later: (_, run) => { timers.push(run); },
    });
    const settle = () => new Promise<void>((done) => setTimeout(done, 0));
    presses.press(500);
    presses.press(500);
    presses.press(-500);
    assert.equal(timers.length, 1);
    timers.shift()!();
    await settle();
    presses.press(1000);                 // while the first is on its way
    timers.shift()!();
    await settle();
    assert.deepEqual(sent.map(([add]) => add), [500, 500, 1000]);
    assert.equal(sent[0]![1], sent[1]![1]);
    assert.notEqual(sent[1]![1], sent[2]![1]);
    assert.equal(pending.at(-1), 0);
  });
});

describe('what a phone kept of a stall', () => {
  const snap = (mark: number) => ({ mark, stall: { slug: 'a' }, lots: [], room: {} }) as unknown as Snapshot;
  const paper = (at: number): Keep => ({ get: () => JSON.stringify([['a', snap(9), at]]), set: () => {} });
  test('is shown only when the page itself came from the phone, and the newer of the two', () => {
    assert.deepEqual(firstOf('a', snap(5), null, paper(100)), { snap: snap(5), oldAt: null });
    assert.deepEqual(firstOf('a', snap(5), 50, paper(100)), { snap: snap(9), oldAt: 100 });
    assert.deepEqual(firstOf('a', snap(5), 200, paper(100)), { snap: snap(5), oldAt: 200 });
    assert.deepEqual(firstOf('b', null, 200, paper(100)), { snap: null, oldAt: 200 });
  });
});
