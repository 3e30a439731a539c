import { z } from 'zod';
import { port, secs, shortName } from './pieces.ts';

const name = () => shortName('Name of the channel, for the delivery log and `varde notify test`.', 'admin');
const url = (description: string, example: string) =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .refine((text) => !hasCredentials(text), 'must not hold a user or password: they would stand in logs')
    .meta({ description, example });

/** `fetch` refuses such an address, and repeats it whole in its complaint. */
function hasCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}

const address = z
  .string()
  .max(254)
  .regex(/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/, 'must be a plain mail address');
const file = (description: string, example: string) => z.string().min(1).optional().meta({ description, example });

const webhook = z
  .strictObject({
    type: z.literal('webhook').meta({ description: 'One POST with a JSON object for each message.' }),
    name: name(),
    url: url('Where it is posted.', 'https://hooks.example.net/varde'),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), z.string().regex(/^[\t\x20-\x7e]{0,2000}$/))
      .optional()
      .meta({ description: 'Further headers.', example: { Authorization: 'Bearer …' } }),
  })
  .meta({ description: 'A webhook.' });

const mail = z
  .strictObject({
    type: z.literal('mail').meta({ description: 'Mail through an SMTP server.' }),
    name: name(),
    host: z.string().min(1).max(253).meta({ description: 'SMTP server.', example: 'mail.example.net' }),
    port: port('Port of the server.').default(587),
    security: z.enum(['none', 'starttls', 'tls']).default('starttls').meta({
      description: '`starttls` refuses to go on without it; `tls` speaks TLS from the first byte (port 465).',
    }),
    user: z.string().min(1).optional().meta({ description: 'Account, where the server wants one.', example: 'varde' }),
    password_file: file('File with the password of `user` in its first line.', '/etc/varde/smtp-password'),
    from: address.meta({ description: 'Sender.', example: 'varde@example.net' }),
    to: z
      .array(address)
      .min(1)
      .max(50)
      .meta({ description: 'Who gets it.', example: ['admin@example.net'] }),
  })
  .meta({ description: 'Mail.' });

const ntfy = z
  .strictObject({
    type: z.literal('ntfy').meta({ description: 'A push message through an ntfy server.' }),
    name: name(),
    url: url('The server.', 'https://ntfy.example.net'),
    topic: z
      .string()
      .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens or underscores')
      .meta({ description: 'Topic.', example: 'varde' }),
    token_file: file('File with the access token in its first line.', '/etc/varde/ntfy-token'),
  })
  .meta({ description: 'ntfy.' });

export const notify = z
  .strictObject({
    channels: z
      .array(z.discriminatedUnion('type', [webhook, mail, ntfy]))
      .max(50)
      .default([])
      .meta({
        description:
          'Ways to people. As soon as there is one, they are told when a sensor or the station goes blind, or stays late.',
      }),
    reminder_secs: secs('A state that lasts is told again after this time. 0: never.').default(3600),
    flap_secs: secs(
      'A change is told at once; the next one of the same sensor only when it has lasted this long, so that one that comes and goes does not flood anybody.',
    ).default(60),
    grace_secs: secs(
      'Nothing is told this long after the start, and of a sensor this long after a reload of its rules.',
    ).default(120),
  })
  .prefault({})
  .meta({ description: 'Being told.' });
