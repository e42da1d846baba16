import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iceServers } from '../shared/ice.ts';

test('servers of Link headers: TURN with its credentials, STUN without, other links passed over', () => {
  const link = '<turn:a.example:3478?transport=udp>; rel="ice-server"; username="1735689600:0a"; credential="ab+/c="; credential-type="password", ' +
    '<stun:b.example>; rel="ice-server", <https://m/whep/s/1/events>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="active,inactive"';
  assert.deepEqual(iceServers(link), [
    { urls: 'turn:a.example:3478?transport=udp', username: '1735689600:0a', credential: 'ab+/c=' },
    { urls: 'stun:b.example' },
  ]);
});

test('no header, an empty one, rubbish: no servers', () => {
  for (const link of [null, '', 'rubbish', '<turn:a>', '<http://a>; rel="ice-server"', '<turn:a>; rel="next"']) assert.deepEqual(iceServers(link), []);
});
