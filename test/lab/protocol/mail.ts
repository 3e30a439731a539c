import { cat } from '../pcap/bytes.ts';
import { client, dialogue, type Turn } from '../pcap/conversation.ts';

export interface Letter {
  from: string;
  to: readonly string[];
  subject: string;
  text: string;
  helo: string;
  server: string;
  id: string;
  attachment?: { name: string; type: string; bytes: Buffer };
  extraHeaders?: readonly string[];
  /** The server's answer to the last recipient instead of acceptance. */
  refusal?: string;
}

const BOUNDARY = '=_lab_boundary_1';

function headers(letter: Letter): string[] {
  return [
    `From: ${letter.from}`,
    `To: ${letter.to.join(', ')}`,
    `Subject: ${letter.subject}`,
    'Date: Thu, 15 Jan 2026 09:00:00 +0000',
    `Message-ID: <${letter.id}@${letter.helo}>`,
    'MIME-Version: 1.0',
    ...(letter.extraHeaders ?? []),
  ];
}

function message(letter: Letter): string {
  const file = letter.attachment;
  if (file === undefined)
    return [...headers(letter), 'Content-Type: text/plain; charset=utf-8', '', letter.text].join('\r\n');
  const coded = (file.bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
  return [
    ...headers(letter),
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    '',
    `--${BOUNDARY}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    letter.text,
    `--${BOUNDARY}`,
    `Content-Type: ${file.type}; name="${file.name}"`,
    `Content-Disposition: attachment; filename="${file.name}"`,
    'Content-Transfer-Encoding: base64',
    '',
    coded,
    `--${BOUNDARY}--`,
  ].join('\r\n');
}

function address(mailbox: string): string {
  return /<([^>]*)>/.exec(mailbox)?.[1] ?? mailbox;
}

/** One delivery over SMTP (RFC 5321). */
export function smtp(letter: Letter): Turn[] {
  const open = dialogue([
    `S: 220 ${letter.server} ESMTP ready`,
    `C: EHLO ${letter.helo}`,
    `S: 250-${letter.server}\r\n250-SIZE 20480000\r\n250-8BITMIME\r\n250 HELP`,
    `C: MAIL FROM:<${address(letter.from)}>`,
    'S: 250 2.1.0 Ok',
    ...letter.to.flatMap((to, index) => [
      `C: RCPT TO:<${address(to)}>`,
      `S: ${index === letter.to.length - 1 && letter.refusal ? letter.refusal : '250 2.1.5 Ok'}`,
    ]),
  ]);
  const end = dialogue(['C: QUIT', 'S: 221 2.0.0 Bye']);
  if (letter.refusal !== undefined) return [...open, ...end];
  return [
    ...open,
    ...dialogue(['C: DATA', 'S: 354 End data with <CR><LF>.<CR><LF>']),
    client(message(letter), '\r\n.\r\n'),
    ...dialogue([`S: 250 2.0.0 Ok: queued as ${letter.id.toUpperCase()}`]),
    ...end,
  ];
}

/** A server that greets with STARTTLS on offer; what follows is noise to us. */
export function smtpStartTls(helo: string, host: string, rest: readonly Turn[]): Turn[] {
  return [
    ...dialogue([
      `S: 220 ${host} ESMTP`,
      `C: EHLO ${helo}`,
      `S: 250-${host}\r\n250-STARTTLS\r\n250 8BITMIME`,
      'C: STARTTLS',
      'S: 220 2.0.0 Ready to start TLS',
    ]),
    ...rest,
  ];
}

/** Fetching mail with POP3 (RFC 1939). */
export function pop3(user: string, password: string, text: string): Turn[] {
  return dialogue([
    'S: +OK POP3 server ready',
    'C: CAPA',
    'S: +OK Capability list follows\r\nUSER\r\nTOP\r\nUIDL\r\n.',
    `C: USER ${user}`,
    'S: +OK',
    `C: PASS ${password}`,
    'S: +OK Logged in.',
    'C: STAT',
    `S: +OK 1 ${text.length}`,
    'C: LIST',
    `S: +OK 1 messages\r\n1 ${text.length}\r\n.`,
    'C: RETR 1',
    `S: +OK ${text.length} octets\r\n${text}\r\n.`,
    'C: DELE 1',
    'S: +OK Marked to be deleted.',
    'C: QUIT',
    'S: +OK Logging out.',
  ]);
}

export function imap(user: string): Turn[] {
  return dialogue([
    'S: * OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS] ready.',
    `C: a1 LOGIN ${user} geheim`,
    'S: a1 OK Logged in',
    'C: a2 SELECT INBOX',
    'S: * 3 EXISTS\r\na2 OK [READ-WRITE] Select completed.',
    'C: a3 LOGOUT',
    'S: * BYE Logging out\r\na3 OK Logout completed.',
  ]);
}

export interface FtpSession {
  control: Turn[];
  /** The data connection that belongs to the control connection's transfer. */
  data: Turn[];
}

/** An FTP session with one passive transfer; `port` is where the data connection must go. */
export function ftp(
  user: string,
  password: string,
  serverIp: string,
  port: number,
  direction: 'RETR' | 'STOR',
  name: string,
  bytes: Buffer,
): FtpSession {
  const where = `${serverIp.replaceAll('.', ',')},${port >> 8},${port & 0xff}`;
  const accepted = password !== 'wrong';
  const control = dialogue([
    'S: 220 FTP server ready',
    `C: USER ${user}`,
    'S: 331 Please specify the password.',
    `C: PASS ${password}`,
    ...(accepted
      ? [
          'S: 230 Login successful.',
          'C: SYST',
          'S: 215 UNIX Type: L8',
          'C: TYPE I',
          'S: 200 Switching to Binary mode.',
          'C: PASV',
          `S: 227 Entering Passive Mode (${where}).`,
          `C: ${direction} ${name}`,
          'S: 150 Opening BINARY mode data connection.',
          'S: 226 Transfer complete.',
        ]
      : ['S: 530 Login incorrect.']),
    'C: QUIT',
    'S: 221 Goodbye.',
  ]);
  return { control, data: [{ from: direction === 'RETR' ? 'server' : 'client', bytes: cat(bytes) }] };
}

export function telnet(user: string, password: string): Turn[] {
  return [
    { from: 'server', bytes: cat(0xff, 0xfd, 0x18, 0xff, 0xfd, 0x20, 'login: ') },
    client(0xff, 0xfc, 0x18, `${user}\r\n`),
    ...dialogue(['S: Password: ', `C: ${password}`, 'S: Login incorrect']),
  ];
}
