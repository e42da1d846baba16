// walk.mjs: a seeded walk over the whole REST API by everybody at once. It knows what it was told (ids, amounts, whose what is), keeps
// books of its own of what hands and banks hold, and judges each answer; walk/steps.mjs is what people do, walk/demands.mjs what must hold.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey, ok } from '../api.mjs';
import { makeStall, publishToken } from '../commune.mjs';
import { Api } from '../openapi.mjs';
import { root, web } from '../stack.mjs';

const LANGS = ['vi', 'en', 'fr'];
const words = Object.fromEntries(LANGS.map((lang) => [lang, JSON.parse(readFileSync(join(web, 'text', `${lang}.json`), 'utf8'))]));
const codes = new Set([...readFileSync(join(root, 'market/base/result.h'), 'utf8').matchAll(/X\(\w+, \d+, "([\w-]+)"\)/g)].map((m) => m[1]));
const api = new Api();

/** Chance that begins anew with each seed: mulberry32. */
export class Chance {
    constructor(seed) { this.state = seed >>> 0; }
    next() {
        this.state = (this.state + 0x6D2B79F5) >>> 0;
        let t = this.state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    }
    below(n) { return Math.floor(this.next() * n); }
    between(from, to) { return from + this.below(to - from + 1); }
    maybe(share) { return this.next() < share; }
    pick(list) { return list[this.below(list.length)]; }
    some(list, most) {
        const left = [...list], out = [];
        for (let n = Math.min(most, left.length); n > 0; n--) out.push(...left.splice(this.below(left.length), 1));
        return out;
    }
    /** Of [weight, value] pairs. */
    weighed(pairs) {
        let at = this.next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
        return pairs.find(([weight]) => (at -= weight) < 0)[1];
    }
}

export class Walk {
    constructor(stack, seed) {
        Object.assign(this, { stack, seed, chance: new Chance(seed), number: 0, faults: [], seen: new Map(), statuses: new Map() });
        Object.assign(this, { orders: [], lots: [], trips: [], stops: [], waits: [], handovers: [], zones: [], carriers: [], parcels: [], accounts: [], movements: [] });
        this.pockets = new Map();       // person → đồng that should be in it
        this.bank = new Map();          // account → đồng that its bank told of
    }

    fault(what, more = '') { this.faults.push(`seed ${this.seed}, step ${this.number} (${this.step}): ${what} ${more}`.slice(0, 1200)); }

    /** Everybody. `roles` as the market has them; a buyer is somebody once the first order is in. */
    async gather() {
        const { stack } = this;
        const admin = stack.client('admin'), cadre = stack.client('cadre');
        const me = async (client) => ok(await client.get('/api/v1/me')).person;
        const hire = async (name, role) => {
            const phone = `09${String(Date.now() % 1e6).padStart(6, '0')}${10 + name.length + role.length}`, password = `sương-${newKey()}`;
            ok(await admin.post('/api/v1/people', { key: newKey(), name, phone, place: 'Hữu Kiệm', roles: [role], password }), 201);
            const client = stack.client();
            ok(await client.post('/api/v1/login', { phone, password }));
            return client;
        };
        const lots = [[['Cải', 'kg', 20000, 9000], ['Bắp', 'piece', 7, 300]], [['Ớt', 'kg', 33333, 5000], ['Rau dớn', 'bunch', 8001, 40]]];
        const stalls = [];
        for (const of of lots) stalls.push(await makeStall(stack, { lots: of.map(([name, unit, price, amount]) => ({ name, unit, price, amount })) }));
        this.people = [
            { name: 'admin', office: true, admin: true, client: admin }, { name: 'cadre', office: true, client: cadre },
            { name: 'admin two', office: true, admin: true, client: await hire('Quản trị hai', 'admin') }, { name: 'cadre two', office: true, client: await hire('Cán bộ hai', 'cadre') },
            { name: 'courier', courier: true, client: stack.client('courier') }, { name: 'courier two', courier: true, client: await hire('Người giao', 'courier') },
            ...stalls.map((stall, i) => ({ name: `farmer ${i}`, stall: stall.slug, client: stall.farmer })),
            ...Array.from({ length: 5 }, (_, i) => ({ name: `buyer ${i}`, buyer: true, phone: `+8490000${String(1000 + i)}`, client: stack.client() })),
            { name: 'stranger', client: stack.client() },
            { name: 'token', token: true, client: stack.client(undefined, { bearer: await publishToken(stalls[0]) }) },
        ];
        for (const who of this.people) if (!who.buyer && who.name !== 'stranger' && !who.token) who.id = (await me(who.client)).id;
        this.stalls = stalls.map((s) => ({ slug: s.slug, farmer: s.person.id }));
        for (const stall of stalls) for (const lot of stall.lots) this.lots.push({ id: lot.id, stall: stall.slug, unit: lot.unit });
        this.own = new Set((await Promise.all(this.people.filter((p) => p.id).map(async (p) => (await me(p.client)).phone))).filter(Boolean));
    }

    is(test) { return this.people.filter(test); }
    get office() { return this.is((p) => p.office); }
    get admins() { return this.is((p) => p.admin); }
    get buyers() { return this.is((p) => p.buyer); }
    get couriers() { return this.is((p) => p.courier); }
    get hands() { return this.is((p) => p.id); }
    farmerOf(slug) { return this.people.find((p) => p.stall === slug); }

    /** A phone's own time: right, unset, or years off. */
    clock() { return this.chance.pick([Date.now(), 1, Date.now() - 86_400_000 * 400, Date.now() + 86_400_000 * 3, 2 ** 53 - 1]); }

    /** May this one be shown that number? The buyer, those who sell and bring to the buyer, the office. */
    mayKnow(who, phone) {
        if (who.office || who.phone === phone || who.knows?.has(phone) || this.own.has(phone)) return true;
        const orders = this.orders.filter((o) => o.phone === phone), waits = this.waits.filter((w) => w.phone === phone);
        if (who.stall) return [...orders, ...waits].some((o) => o.stall === who.stall);
        return Boolean(who.courier) && orders.some((o) => o.couriers.has(who.id));
    }

    async ask(who, method, path, body) {
        const lang = this.chance.pick(LANGS);
        const reply = await who.client.send(method, `/api/v1/${path}`, { body, headers: { 'accept-language': lang } }).catch((error) => {
            this.fault(`no answer: ${error.message}.`, `${who.name}: ${method} ${path} ${JSON.stringify(body ?? null).slice(0, 200)}`);
            throw error;
        });
        this.judge(who, method, path, body, reply, lang);
        return reply;
    }

    /** What is demanded of every single answer. */
    judge(who, method, path, body, reply, lang) {
        const at = `${who.name}: ${method} ${path} ${JSON.stringify(body ?? null)?.slice(0, 240)} → ${reply.status} ${reply.text.slice(0, 160)}`;
        const found = api.find(method, `/api/v1/${path}`);
        const name = `${method} ${found?.path}`;
        this.seen.set(name, (this.seen.get(name) ?? 0) + (reply.status < 300 ? 1 : 0));
        this.statuses.set(reply.status, (this.statuses.get(reply.status) ?? 0) + 1);
        if (reply.status >= 500) this.fault('an answer of the 500s.', `${at.slice(0, 300)} ${this.stack.log.trimEnd().split('\n').slice(-3).join(' ')}`);
        if (reply.status >= 400) {
            const { code, title, status } = reply.body ?? {};
            if (!codes.has(code) || status !== reply.status) this.fault('a refusal without a code of ours.', at);
            else if (LANGS.some((l) => !words[l][`error.${code}`]) || title !== words[lang][`error.${code}`]) this.fault(`no words in ${lang}.`, at);
        }
        if (body?.phone) (who.knows ??= new Set()).add(body.phone);
        const trip = reply.status < 300 && reply.body?.trip && this.trips.find((t) => t.id === reply.body.trip.id);
        if (trip) trip.state = reply.body.trip.state;
        for (const stop of reply.body?.trip?.stops ?? []) this.orders.find((o) => o.code === stop.order)?.couriers.add(reply.body.trip.courier);
        for (const complaint of api.complaints({ method, path: `/api/v1/${path}`, body, reply })) this.fault('not as described.', `${complaint} · ${at}`);
        for (const [phone] of reply.text.matchAll(/\+8490000\d{4}/g)) if (!this.mayKnow(who, phone)) this.fault(`${phone} is not for ${who.name}.`, at);
    }

    /** Something that changes things, with a key; by chance told twice, at once or later, with other content, or mangled before. */
    async tell(who, method, path, body = {}, { secret = false } = {}) {
        const keyed = { ...body, key: newKey() };
        if (this.chance.maybe(0.06)) await this.mangled(who, method, path, keyed);
        const manner = secret ? 'once' : this.chance.weighed([[76, 'once'], [8, 'again'], [8, 'at once'], [4, 'other'], [4, 'by another']]);
        if (manner === 'at once') return this.atOnce(who, method, path, keyed);
        const reply = await this.ask(who, method, path, keyed);
        if (reply.status >= 300) return reply;
        if (manner === 'again') this.same(reply, await this.ask(who, method, path, keyed), path);
        if (manner === 'by another' && !/^(orders|waits)$/.test(path)) {
            const own = this.orders.find((o) => path.includes(o.code))?.buyer;        // who may ask for the same, and be told the same
            const thief = this.chance.pick(this.is((p) => p !== who && p.name !== own && (p.buyer || p.name === 'stranger')));
            if ((await this.ask(thief, method, path, keyed)).text === reply.text) this.fault(`${thief.name} got another's answer by its key.`, path);
        }
        if (manner === 'other') {
            const other = await this.ask(who, method, path, { ...keyed, other: 1 });
            if (other.status < 400) this.fault('other content under a key that was used.', `${path} → ${other.status} ${other.text.slice(0, 200)}`);
        }
        return reply;
    }

    async atOnce(who, method, path, body) {
        const [a, b] = await Promise.all([this.ask(who, method, path, body), this.ask(who, method, path, body)]);
        const good = [a, b].find((r) => r.status < 300);
        if (good) this.same(good, good === a && b.status < 300 ? b : await this.ask(who, method, path, body), path);
        return good ?? a;
    }

    same(first, again, path) {
        if (first.status !== again.status || first.text !== again.text) this.fault('the same key, another answer.', `${path}: ${first.text.slice(0, 200)} ≠ ${again.status} ${again.text.slice(0, 200)}`);
    }

    /** One field is what it cannot be (null is as if it were left out): nobody takes it for something else. */
    async mangled(who, method, path, body) {
        const name = this.chance.pick(Object.keys(body));
        const odd = [true, [], {}, 0.5, 1e300, -1, 2 ** 63, '', ' ', '\u0000', 'x'.repeat(70_000)].filter((v) => typeof v !== typeof body[name] || v === '\u0000' || v === 1e300 || String(v).length > 1000);
        const reply = await this.ask(who, method, path, { ...body, [name]: this.chance.pick(odd) });
        if (reply.status < 400) this.fault(`a mangled ${name} was taken.`, path);
    }

    addToPocket(person, dong) { this.pockets.set(person, (this.pockets.get(person) ?? 0) + dong); }
}
