import { effect, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { page, type PageName } from './address.ts';
import { Failure } from './api.ts';

/** The pages that are here already. The frame does not wait for them: search, range and lamp work first. */
export const loaded = signal<Partial<Record<PageName, ComponentType>>>({});
export const loadFailure = signal<Failure | null>(null);

const LOADERS: Record<PageName, () => Promise<ComponentType>> = {
  overview: async () => (await import('../page/overview/overview.tsx')).Overview,
  events: async () => (await import('../page/events/events.tsx')).Events,
  sensors: async () => (await import('../page/sensors/sensors.tsx')).Sensors,
};

export async function loadPage(name: PageName): Promise<void> {
  if (loaded.peek()[name]) return;
  try {
    const component = await LOADERS[name]();
    loaded.value = { ...loaded.peek(), [name]: component };
  } catch (error) {
    // The names of the files change with each version: an open page of the old one asks for what is gone.
    loadFailure.value = new Failure({
      code: 'page_outdated',
      message: 'A part of the page could not be loaded.',
      remedy: 'Reload the page: Varde was probably updated while it was open.',
      details: { cause: error instanceof Error ? error.message : String(error) },
    });
  }
}

/** Loads the page of the address at once, and the others when there is nothing else to do. */
export function startLoading(): void {
  effect(() => void loadPage(page.value));
  setTimeout(() => {
    for (const name of Object.keys(LOADERS) as PageName[]) void loadPage(name);
  }, 3000);
}
