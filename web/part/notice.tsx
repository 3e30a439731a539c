import type { ComponentChildren } from 'preact';
import type { Failure } from '../state/api.ts';
import { station } from '../state/live.ts';
import { copyText } from './copy.ts';
import { Icon } from './icon.tsx';
import { shownText } from './text.ts';

/** An error: our code, a sentence, the remedy, and everything for a report. */
export function ErrorNotice({ failure, again }: { failure: Failure; again?: () => void }) {
  const report = (): string =>
    JSON.stringify(
      {
        code: failure.code,
        message: failure.message,
        remedy: failure.remedy,
        details: failure.details,
        page: location.href,
        time: new Date().toISOString(),
        version: station.peek()?.version ?? 'unknown',
      },
      null,
      2,
    );
  return (
    <div class="notice bad" role="alert">
      <Icon name="warn" />
      <div>
        <p>
          <strong>{shownText(failure.message, 500)}</strong> <code>{shownText(failure.code, 60)}</code>
        </p>
        <p>{shownText(failure.remedy, 500)}</p>
        <div class="buttons">
          {again && (
            <button class="main" onClick={again}>
              Try again
            </button>
          )}
          <button onClick={() => void copyText(report(), 'Details')}>Copy details</button>
        </div>
      </div>
    </div>
  );
}

/** An answer of the station that may lack something: a segment could not be read, or went away while it was searched. */
export const MISSING = 'not everything could be searched: some events may be missing';

/** Whether the station said so of an answer. */
export function isIncomplete(answer: object | null | undefined): boolean {
  return (answer as { incomplete?: boolean } | null | undefined)?.incomplete === true;
}

export function Incomplete() {
  return (
    <p class="warn incomplete" role="status">
      <Icon name="warn" /> {MISSING.charAt(0).toUpperCase() + MISSING.slice(1)}.
    </p>
  );
}

/** Nothing to show, and why. */
export function EmptyNotice({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="notice empty" role="status">
      <div>
        <h2>{title}</h2>
        {children}
      </div>
    </div>
  );
}
