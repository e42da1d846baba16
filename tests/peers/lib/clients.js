// clients.js: what the page of site.mjs holds. Bundled for the browser by esbuild.
import { WHIPClient as MedoozeWhip } from 'whip-whep/whip.js';
import { WHEPClient as MedoozeWhep } from 'whip-whep/whep.js';
import { WHIPClient as EyevinnWhip } from '@eyevinn/whip-web-client';
import { WebRTCPlayer } from '@eyevinn/webrtc-player';

Object.assign(window, { MedoozeWhip, MedoozeWhep, EyevinnWhip, WebRTCPlayer });
