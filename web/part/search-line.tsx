import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { visibleText } from '../../src/base/text-safe.ts';
import { address, go } from '../state/address.ts';
import { checkExpression } from '../state/expression.ts';
import { type Offer, offersAt, putIn } from './completion.ts';
import { Icon } from './icon.tsx';
import { useKeys } from './keys.ts';
import { shownText } from './text.ts';

/** Text in the line; differs from the address until Enter. */
const draft = signal(address.value.q);

export function SearchLine() {
  const field = useRef<HTMLInputElement>(null);
  const [offer, setOffer] = useState<Offer | null>(null);
  const [chosen, setChosen] = useState(-1);
  const [tried, setTried] = useState(false);
  const asking = useRef<AbortController | null>(null);
  const text = draft.value;
  const asked = address.value.q;

  useEffect(() => {
    draft.value = asked;
    setTried(false);
  }, [asked]);
  useKeys({
    '/': () => {
      field.current!.focus();
      field.current!.select();
    },
  });

  const { problem, hints } = checkExpression(text);
  // While one still types, half an expression is no error: it is marked and explained once the typing rests or Enter was pressed.
  const explained = problem !== null && tried;
  const hint = problem === null && text === asked ? hints[0] : undefined;

  const close = (): void => {
    asking.current?.abort();
    setOffer(null);
    setChosen(-1);
  };
  const offerNow = (): void => {
    asking.current?.abort();
    const control = new AbortController();
    asking.current = control;
    const input = field.current!;
    offersAt(input.value, input.selectionStart ?? input.value.length, control.signal)
      .then((found) => {
        if (control.signal.aborted || document.activeElement !== input) return;
        setOffer(found.options.length > 0 ? found : null);
        setChosen(-1);
      })
      // Completion is a help; without an answer one simply types on.
      .catch(() => undefined);
  };
  useEffect(() => () => asking.current?.abort(), []);
  useEffect(() => {
    if (problem === null) return setTried(false);
    const timer = setTimeout(() => setTried(true), 1200);
    return () => clearTimeout(timer);
  }, [text]);

  const typed = (): void => {
    draft.value = field.current!.value;
    offerNow();
  };
  const take = (index: number): void => {
    const input = field.current!;
    // What was typed since the offer was made has moved its place.
    if (offer === null || offer.text !== input.value) return offerNow();
    const put = putIn(offer.text, offer, offer.options[index]!.insert);
    draft.value = put.text;
    input.value = put.text;
    input.setSelectionRange(put.cursor, put.cursor);
    input.focus();
    offerNow();
  };
  const submit = (): void => {
    close();
    // The field itself, not what was last drawn: who types fast presses Enter before that.
    const typedText = field.current!.value.trim();
    if (checkExpression(typedText).problem) return setTried(true);
    const q = typedText === '*' ? '' : typedText;
    if (q === asked && address.value.page === 'events') searchAgain.value++;
    go({ page: 'events', q });
    // The keys of the list act at once: j, k, Enter.
    field.current!.blur();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const count = offer?.options.length ?? 0;
    if (event.key === 'Enter' || (event.key === 'Tab' && offer && chosen >= 0)) {
      event.preventDefault();
      if (offer && chosen >= 0) take(chosen);
      else submit();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (offer) close();
      else {
        draft.value = asked;
        field.current!.blur();
      }
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!offer) return offerNow();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((chosen + step + (chosen < 0 && step < 0 ? 1 : 0) + count) % count);
    } else if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      offerNow();
    }
  };

  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Icon name="search" />
      <div class="search-field">
        <Marked text={text} problem={tried ? problem : null} field={field} />
        <input
          ref={field}
          value={text}
          class="mono"
          type="text"
          placeholder="Search: a word, source.ip:10.0.0.0/8, rule.id:* …"
          aria-label="Search expression"
          role="combobox"
          aria-expanded={offer !== null}
          aria-controls="offers"
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `offer-${chosen}` : undefined}
          aria-invalid={problem !== null}
          aria-describedby={explained ? 'search-problem' : undefined}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={10_000}
          onInput={typed}
          onKeyDown={key}
          onClick={offerNow}
          onFocus={offerNow}
          onBlur={close}
        />
      </div>
      {text !== '' && (
        <button
          type="button"
          class="plain"
          aria-label="Clear the search"
          onClick={() => {
            draft.value = '';
            close();
            go({ q: '' });
          }}
        >
          <Icon name="close" />
        </button>
      )}
      <kbd class="search-key" aria-hidden="true">
        /
      </kbd>
      <ul id="offers" role="listbox" aria-label="Completions" class="offers" hidden={offer === null}>
        {offer?.options.map((option, index) => (
          <li
            key={option.insert}
            id={`offer-${index}`}
            role="option"
            aria-selected={index === chosen}
            // The field keeps the focus: a click must not take it away before it is counted.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(index)}
          >
            <bdi class="mono">{shownText(option.label, 90)}</bdi>
            <span class="muted">{shownText(option.title, 90)}</span>
          </li>
        ))}
      </ul>
      {explained && offer === null && (
        <div id="search-problem" class="search-problem" role="alert">
          <pre class="mono">
            {visibleText(cutAround(text, problem.position))}
            {'\n'}
            {' '.repeat(visibleText(cutAround(text, problem.position).slice(0, Math.min(problem.position, 40))).length)}
            <b>{'^'.repeat(Math.min(problem.length, 60))}</b>
          </pre>
          <p>{visibleText(problem.message)}</p>
          {problem.hint !== '' && !problem.message.includes(problem.hint) && (
            <p class="muted">{visibleText(problem.hint)}</p>
          )}
        </div>
      )}
      {hint && offer === null && (
        <div class="search-problem" role="status">
          <p class="muted">{visibleText(hint.message)}</p>
        </div>
      )}
    </form>
  );
}

/** Asked once more although nothing changed: Enter on the same expression. */
export const searchAgain = signal(0);

/** The part of a long expression around the place of the error: the place stands in column 40 at most. */
function cutAround(text: string, position: number): string {
  return text.slice(Math.max(0, position - 40), position + 60);
}

/** The same text under the field's own, with the wrong part underlined. */
function Marked({
  text,
  problem,
  field,
}: {
  text: string;
  problem: ReturnType<typeof checkExpression>['problem'];
  field: { current: HTMLInputElement | null };
}) {
  const under = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const input = field.current;
    if (!input) return;
    const follow = (): void => {
      if (under.current) under.current.scrollLeft = input.scrollLeft;
    };
    follow();
    input.addEventListener('scroll', follow);
    return () => input.removeEventListener('scroll', follow);
  }, [text]);
  if (!problem) return null;
  const end = problem.position + problem.length;
  return (
    <div class="search-marked mono" aria-hidden="true" ref={under}>
      {text.slice(0, problem.position)}
      <u>{text.slice(problem.position, end) || ' '}</u>
      {text.slice(end)}
    </div>
  );
}
