/**
 * Sends what comes on standard input as UDP datagrams, in order, and ends. It is run inside a network namespace, so it is plain JavaScript.
 * Input: length u32 little endian and bytes, again and again. Arguments: address, port, datagrams per second, address to send from (or none).
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const [address, port, rate, from] = process.argv.slice(2);
const list = readFileSync(0);
const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', sendBufferSize: 4 * 1024 * 1024 });
await new Promise((resolve, reject) => {
  socket.once('error', reject);
  socket.bind(0, from || undefined, resolve);
});

const started = performance.now();
let sent = 0;
for (let at = 0; at < list.length; sent++) {
  const length = list.readUInt32LE(at);
  const datagram = list.subarray(at + 4, at + 4 + length);
  at += 4 + length;
  await new Promise((resolve, reject) =>
    socket.send(datagram, Number(port), address, (error) => (error ? reject(error) : resolve())),
  );
  const early = (sent * 1000) / Number(rate) - (performance.now() - started);
  if (early > 2) await pause(early);
}
socket.close();
