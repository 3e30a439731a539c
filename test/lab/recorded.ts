import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Turn } from './pcap/conversation.ts';
import { certificate } from './certificate.ts';
import { CERTIFIED } from './day/sites.ts';
import type { Ingredients } from './day/zoo.ts';
import type { Packet } from './pcap/frame.ts';
import { startRelay } from './relay.ts';

/** HTTP/2 without TLS, spoken by Node's own client and server: header compression is not written by hand. */
export async function recordHttp2(host: string): Promise<Turn[]> {
  const server = createHttp2((request, response) => {
    response.writeHead(request.url.includes('missing') ? 404 : 200, {
      'content-type': 'application/json',
      server: 'lab',
    });
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
  const body = session.request({
    ':method': 'POST',
    ':path': '/api/v2/report',
    ':authority': host,
    'content-type': 'application/json',
  });
  body.end('{"watts":231}');
  body.resume();
  await once(body, 'end');
  session.close();
  await once(session, 'close');
  await relay.close();
  await new Promise<void>((done) => server.close(() => done()));
  return relay.conversations[0] ?? [];
}

/** What other programs have to make before the day can be built. */
export async function makeIngredients(captured: Packet[] = []): Promise<Ingredients> {
  const certificates = new Map(
    CERTIFIED.map((host, index) => [
      host,
      certificate(
        [host, `www.${host}`],
        OWNERS[index % OWNERS.length]!,
        0x51000000 + index * 7919,
        index % 4 === 0 ? undefined : 'Lab Trust',
      ),
    ]),
  );
  certificates.set('appliance.home.test', certificate(['appliance.home.test'], 'Lab Appliances', 1));
  return { certificates, http2: await recordHttp2('nas.home.test:8080'), captured };
}

const OWNERS = ['Krämer & Söhne', 'Example Bank', 'Bibliotek for alle', 'Lab Works'];
