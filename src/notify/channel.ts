import type { Message } from './message.ts';

/** A way to people, as in the config (`notify.channels`). */
export type ChannelConfig = WebhookConfig | MailConfig | NtfyConfig;

export interface WebhookConfig {
  type: 'webhook';
  name: string;
  url: string;
  headers?: Record<string, string>;
}

export interface MailConfig {
  type: 'mail';
  name: string;
  host: string;
  port: number;
  security: 'none' | 'starttls' | 'tls';
  user?: string;
  password_file?: string;
  from: string;
  to: string[];
}

export interface NtfyConfig {
  type: 'ntfy';
  name: string;
  url: string;
  topic: string;
  token_file?: string;
}

/** Delivers one message: resolves when the other side has taken it. */
export interface Channel {
  name: string;
  /** @throws Error whose message says why, without secrets */
  send(message: Message, signal: AbortSignal): Promise<void>;
}

/** What a channel needs from outside; tests give their own. */
export interface ChannelTools {
  fetch: typeof fetch;
}
