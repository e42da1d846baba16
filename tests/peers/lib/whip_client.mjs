// whip_client.mjs: Debian's simple-whip-client as a publisher of a moving VP8 picture and noise.
//
// Debian 12's package was built on libsoup 2, while its libnice brings libsoup 3 in through gupnp-igd; libsoup refuses to
// live twice in one process. libnice only needs gupnp-igd for UPnP, which nobody asks for here, so the unchanged program
// runs with an empty library of that name in front.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../flow/lib/stack.mjs';

const NAME = 'libgupnp-igd-1.0.so.4';
const SOURCE = `void *gupnp_simple_igd_thread_new(void) { return 0; }
unsigned long gupnp_simple_igd_get_type(void) { return 0; }
void gupnp_simple_igd_add_port(void) {}
void gupnp_simple_igd_remove_port_local(void) {}
`;

function emptyLibrary() {
    const dir = join(root, 'build/test-media/no-upnp');
    if (!existsSync(join(dir, NAME))) {
        mkdirSync(dir, { recursive: true });
        const making = join(dir, `${process.pid}.so`);
        execFileSync('cc', ['-shared', '-fPIC', `-Wl,-soname,${NAME}`, '-x', 'c', '-', '-o', making], { input: SOURCE });
        renameSync(making, join(dir, NAME));
    }
    return dir;
}

const AUDIO = 'audiotestsrc is-live=true wave=red-noise volume=0.1 ! audioconvert ! audioresample ! queue ! opusenc ! rtpopuspay pt=100 ! ' +
    'application/x-rtp,media=audio,encoding-name=OPUS,payload=100';
const VIDEO = 'videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 ! queue ! ' +
    'vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay pt=96 ! application/x-rtp,media=video,encoding-name=VP8,payload=96';

/** {log, stop()}: publishes at once; stop sends SIGINT, upon which it says DELETE, and waits for its end. */
export function whipClient(url, token, options = []) {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'whip-client', '-u', url, '-t', token, '-o', '-A', AUDIO, '-V', VIDEO, ...options], {
        stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LD_LIBRARY_PATH: emptyLibrary() },
    });
    const client = { log: '' };
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (text) => (client.log += text));
    const ended = new Promise((done) => child.on('exit', done));
    client.stop = () => {
        child.kill('SIGINT');
        return ended;
    };
    return client;
}
