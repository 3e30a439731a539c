import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labEnvironment, runProgram } from './program.ts';
import { until } from './wait.ts';

/** A real SMTP server (aiosmtpd). It appends each mail to a file as one JSON line. */
const SERVER = `
import asyncio, json, ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
port, mode, out, cert, key, auth = int(sys.argv[1]), *sys.argv[2:7]

class Handler:
    async def handle_DATA(self, server, session, envelope):
        with open(out, 'a') as f:
            f.write(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'tls': server.transport.get_extra_info('ssl_object') is not None,
                'user': session.auth_data, 'content': envelope.content.decode('utf-8', 'replace')}) + '\\n')
        return '250 taken'

def authenticate(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b'varde', b'pass phrase')
    return AuthResult(success=right, auth_data=data.login.decode() if right else None, handled=right)

context = None
if mode != 'none':
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

class Server(Controller):
    def factory(self):
        options = dict(hostname='lab.home.test')
        if auth == 'auth':
            options.update(authenticator=authenticate, auth_required=True, auth_require_tls=mode == 'starttls')
        if mode == 'starttls':
            options.update(tls_context=context, require_starttls=True)
        return SMTP(Handler(), **options)

server = Server(Handler(), hostname='127.0.0.1', port=port, ssl_context=context if mode == 'tls' else None)
server.start()
print('ready', flush=True)
import threading
threading.Event().wait()
`;

/** A mail as the server took it. */
export interface Mail {
  from: string;
  to: string[];
  tls: boolean;
  user: string | null;
  content: string;
}

export type Security = 'none' | 'starttls' | 'tls';

/** The real server, with a certificate for 127.0.0.1 that it signed itself. */
export class SmtpServer {
  /** To be trusted (NODE_EXTRA_CA_CERTS) by who is to believe it. */
  readonly certificate: string;
  private readonly folder: string;
  private readonly port: number;
  private child: ChildProcess | null = null;

  constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.certificate = join(folder, 'cert.pem');
  }

  /** @param auth it wants the account `varde` with `pass phrase` */
  async start(mode: Security, auth = false): Promise<void> {
    const key = join(this.folder, 'key.pem');
    const names = ['-subj', '/CN=lab.home.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', this.certificate];
    runProgram(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names]);
    const script = join(this.folder, 'server.py');
    writeFileSync(script, SERVER);
    const args = [
      script,
      String(this.port),
      mode,
      join(this.folder, 'mails'),
      this.certificate,
      key,
      auth ? 'auth' : 'open',
    ];
    // Debian's own Python has the package; another one in the path has not. What it says of refused clients is no news.
    this.child = spawn('/usr/bin/python3', args, { env: labEnvironment(), stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    this.child.stdout?.on('data', (data: Buffer) => (said += data.toString()));
    await until('the SMTP server is ready', () => said.includes('ready'), 30_000);
  }

  mails(): Mail[] {
    try {
      const lines = readFileSync(join(this.folder, 'mails'), 'utf8').split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line) as Mail);
    } catch {
      return []; // None came yet.
    }
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}
