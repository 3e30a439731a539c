import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ChannelConfig, ChannelTools } from './channel.ts';
import { makeChannel } from './channels.ts';
import { send } from './courier.ts';
import { makeMessage } from './message.ts';

export interface TestResult {
  channel: string;
  ok: boolean;
  /** Why not, or an empty text. */
  message: string;
  took_ms: number;
}

/** Sends a test message through each channel, at the same time. Never throws. */
export async function sendTest(
  channels: readonly ChannelConfig[],
  tools: ChannelTools,
  now: number,
): Promise<TestResult[]> {
  return Promise.all(
    channels.map(async (config) => {
      const began = performance.now();
      const item = {
        key: 'test',
        state: 'alive',
        title: `channel ${config.name}`,
        message: 'This is a test. Messages about your sensors come this way.',
        remedy: '',
        since: now,
      };
      const message = makeMessage(randomBytes(12).toString('hex'), 'test', [item], hostname(), now);
      const error = await send(makeChannel(config, tools), message, new AbortController().signal);
      return {
        channel: config.name,
        ok: error === null,
        message: error ?? '',
        took_ms: Math.round(performance.now() - began),
      };
    }),
  );
}
