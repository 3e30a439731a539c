import type { Channel, ChannelTools, WebhookConfig } from '../channel.ts';
import { postJson } from './post.ts';

/** One POST with a JSON object for each message: docs/notify.md has its shape. */
export function webhook(config: WebhookConfig, tools: ChannelTools): Channel {
  return {
    name: config.name,
    send: ({ id, kind, station, time, title, text, items }, signal) =>
      postJson(
        tools.fetch,
        config.url,
        {
          version: 1,
          id,
          kind,
          station,
          time: new Date(time).toISOString(),
          title,
          text,
          items: items.map((item) => ({ ...item, since: new Date(item.since).toISOString() })),
        },
        { 'x-varde-id': id, ...config.headers },
        signal,
      ),
  };
}
