import type { Channel, ChannelTools, NtfyConfig } from '../channel.ts';
import type { MessageKind } from '../message.ts';
import { secret } from '../secret.ts';
import { postJson } from './post.ts';

/** 5 rings through, 3 is usual, 2 makes no sound (ntfy, "Message priority"). */
const PRIORITY: Record<MessageKind, number> = { problem: 5, reminder: 4, recovery: 3, test: 3 };
/** ntfy, "Tags & emojis". */
const TAGS: Record<MessageKind, string[]> = {
  problem: ['rotating_light'],
  reminder: ['hourglass'],
  recovery: ['white_check_mark'],
  test: ['test_tube'],
};
/** A longer message becomes an attachment (ntfy, "Limitations": 4,096 bytes). */
const LONGEST = 3800;

/** Publishes as JSON to the root of the server (ntfy, "Publish as JSON"). */
export function ntfy(config: NtfyConfig, tools: ChannelTools): Channel {
  return {
    name: config.name,
    send: async (message, signal) => {
      const token = config.token_file === undefined ? null : await secret(config.token_file);
      // What `fetch` says of such a header holds the whole token.
      if (token !== null && !/^[\x21-\x7e]+$/.test(token))
        throw new Error(`${config.token_file ?? ''} does not hold a token`);
      await postJson(
        tools.fetch,
        config.url,
        {
          topic: config.topic,
          title: message.title,
          message: cutBytes(message.text, LONGEST),
          priority: PRIORITY[message.kind],
          tags: TAGS[message.kind],
        },
        token === null ? {} : { authorization: `Bearer ${token}` },
        signal,
      );
    },
  };
}

function cutBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  // A character that was cut through decodes to U+FFFD.
  return bytes.length <= most
    ? text
    : `${bytes
        .subarray(0, most)
        .toString()
        .replace(/\uFFFD{1,3}$/, '')}…`;
}
