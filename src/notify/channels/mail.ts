import type { Channel, MailConfig } from '../channel.ts';
import { secret } from '../secret.ts';

const STEP_MS = 10_000;

/**
 * Mail through an SMTP server. `starttls` refuses a server that does not offer it (RFC 3207: otherwise whoever sits between could take it out
 * of the offer and read the password); certificates are checked; a CA of one's own goes into NODE_EXTRA_CA_CERTS.
 */
export function mail(config: MailConfig): Channel {
  return {
    name: config.name,
    send: async (message, signal) => {
      // Loaded with the first mail: a station without one does not need it.
      const { createTransport } = await import('nodemailer');
      const user = config.user;
      const auth =
        user === undefined || config.password_file === undefined
          ? undefined
          : { user, pass: await secret(config.password_file) };
      const transport = createTransport({
        host: config.host,
        port: config.port,
        secure: config.security === 'tls',
        requireTLS: config.security === 'starttls',
        ignoreTLS: config.security === 'none',
        auth,
        connectionTimeout: STEP_MS,
        greetingTimeout: STEP_MS,
        socketTimeout: STEP_MS,
        dnsTimeout: STEP_MS,
        // The text is ours, but never let a path or an address in it be fetched.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const stop = (): void => transport.close();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await transport.sendMail({
          from: { name: 'Varde', address: config.from },
          to: config.to,
          subject: message.title,
          text: message.text,
          date: new Date(message.time),
          // The same over all retries: mail programs show a mail that came twice once.
          messageId: `<${message.id}@varde.invalid>`,
          headers: {
            'auto-submitted': 'auto-generated', // RFC 3834: no vacation notice in answer
            'x-varde-kind': message.kind,
          },
        });
      } finally {
        signal.removeEventListener('abort', stop);
        transport.close();
      }
    },
  };
}
