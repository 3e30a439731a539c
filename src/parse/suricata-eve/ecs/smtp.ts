import { bareObject } from '../../../event/json.ts';
import { extensionOf } from '../../../event/url.ts';
import type { Mapping } from '../mapping.ts';
import { object, text, texts } from '../values.ts';

/** `"Jo Doe" <jo@example.test>` as `jo@example.test`: what stands in the last angle brackets, else the text itself. */
function addressOf(value: string): string {
  const close = value.lastIndexOf('>');
  const open = value.lastIndexOf('<', close);
  return (open >= 0 && close > open ? value.slice(open + 1, close) : value).trim();
}

function addresses(values: string[]): string[] {
  return [...new Set(values.map(addressOf).filter((address) => address !== ''))];
}

/**
 * email.* of an SMTP event. From, to and cc are those of the message's header; the envelope's sender (MAIL FROM), which a forger leaves different,
 * is email.sender. Envelope recipients stay in suricata.eve.smtp.rcpt_to. Texts are as sent (encoded words are not decoded).
 */
export function mapSmtp(mapping: Mapping): void {
  const smtp = object(mapping.eve.smtp);
  const sender = addresses(texts(smtp?.mail_from))[0] ?? null;
  mapping.set('email.sender.address', sender);
  mapping.relate('user', sender, ...addresses(texts(smtp?.rcpt_to)));
  mapping.relate('hosts', text(smtp?.helo));

  const email = object(mapping.eve.email);
  if (email === null) return;
  for (const [key, field] of [
    ['from', 'email.from.address'],
    ['to', 'email.to.address'],
    ['cc', 'email.cc.address'],
    ['reply_to', 'email.reply_to.address'],
  ] as const) {
    const found = addresses(texts(email[key]));
    mapping.set(field, found);
    mapping.relate('user', ...found);
  }
  mapping.set('email.subject', text(email.subject));
  const id = text(email.message_id);
  mapping.set('email.message_id', id === null ? null : text(addressOf(id)));
  mapping.set('email.x_mailer', text(email.x_mailer));
  mapping.set(
    'email.attachments',
    texts(email.attachment).map((name) => {
      const file = bareObject();
      file.name = name;
      const extension = extensionOf(name);
      if (extension !== null) file.extension = extension;
      return Object.assign(bareObject(), { file });
    }),
  );
}
