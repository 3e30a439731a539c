import type { Channel, ChannelConfig, ChannelTools } from './channel.ts';
import { mail } from './channels/mail.ts';
import { ntfy } from './channels/ntfy.ts';
import { webhook } from './channels/webhook.ts';

/** Every kind of channel: the one list. */
export function makeChannel(config: ChannelConfig, tools: ChannelTools): Channel {
  switch (config.type) {
    case 'webhook':
      return webhook(config, tools);
    case 'mail':
      return mail(config);
    case 'ntfy':
      return ntfy(config, tools);
  }
}
