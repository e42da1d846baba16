// site.mjs: a web site of somebody else: its own origin, with a page that holds other people's WHIP and WHEP clients.
// It only works as long as /whip and /whep let any origin in (CORS).
import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { freePort } from '../../flow/lib/ports.mjs';

const PAGE = '<!doctype html><meta charset="utf-8"><title>Elsewhere</title><video muted autoplay playsinline></video><script src="/clients.js"></script>';

export class Site {
    static async start(stack) {
        const site = new Site();
        const { outputFiles: [script] } = await build({
            entryPoints: [fileURLToPath(new URL('clients.js', import.meta.url))], bundle: true, write: false, format: 'iife', logLevel: 'error',
        });
        const key = readFileSync(join(stack.dir, 'key.pem'));
        site.server = createServer({ key, cert: stack.ca }, (request, response) => {
            const isScript = request.url === '/clients.js';
            response.writeHead(200, { 'content-type': isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8' });
            response.end(isScript ? script.contents : PAGE);
        });
        const port = await freePort('tcp');
        await new Promise((done) => site.server.listen(port, '127.0.0.1', done));
        site.origin = `https://localhost:${port}`;
        return site;
    }

    /** A visitor's page there, with the clients in `window`. */
    async visit(browser, stack, options) {
        const page = await browser.person(stack, options);
        await page.goto(this.origin);
        return page;
    }

    stop() {
        this.server.closeAllConnections();
        return new Promise((done) => this.server.close(done));
    }
}
