import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Turn } from './pcap/conversation.ts';
import type { Ingredients } from './day/zoo.ts';
import { startRelay } from './relay.ts';

/** A self-signed certificate (DER) with a subject and alternative names, made by openssl. */
export function makeCertificate(commonName: string, names: readonly string[], organisation: string): Buffer {
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null', '-days', '365', '-utf8', '-subj', `/C=NO/O=${organisation}/CN=${commonName}`];
  const pem = execFileSync('openssl', [...args, '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
}

/** HTTP/2 without TLS, spoken by Node's own client and server: header compression is not written by hand. */
export async function recordHttp2(host: string): Promise<Turn[]> {
  const server = createHttp2((request, response) => {
    response.writeHead(request.url.includes('missing') ? 404 : 200, { 'content-type': 'application/json', server: 'lab' });
    response.end(JSON.stringify({ path: request.url }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const relay = await startRelay((server.address() as AddressInfo).port);
  const session = connectHttp2(`http://127.0.0.1:${relay.port}`);
  for (const path of ['/api/v2/state?room=kitchen', '/api/v2/missing']) {
    const stream = session.request({ ':path': path, ':authority': host, 'user-agent': 'lab-http2/1.0' });
    stream.resume();
    await once(stream, 'end');
  }
  const body = session.request({ ':method': 'POST', ':path': '/api/v2/report', ':authority': host, 'content-type': 'application/json' });
  body.end('{"watts":231}');
  body.resume();
  await once(body, 'end');
  session.close();
  await once(session, 'close');
  await relay.close();
  await new Promise<void>((done) => server.close(() => done()));
  return relay.conversations[0] ?? [];
}

/** Names whose TLS 1.2 servers show a certificate, and whose it is. */
const OWNERS: readonly (readonly [string, string])[] = [
  ['shop.example.net', 'Krämer & Söhne'],
];

export async function makeIngredients(): Promise<Ingredients> {
  const certificates = new Map(OWNERS.map(([name, owner]) => [name, makeCertificate(name, [name, `www.${name}`], owner)]));
  return { certificates, http2: await recordHttp2('nas.home.test:8080') };
}
