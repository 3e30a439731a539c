/**
 * Text from a log made safe to look at: on a terminal or in a plain-text message.
 *
 * An escape character starts terminal commands (title changes, key redefinition), C1 controls do the same in one byte, bidirectional marks
 * make a text read as another one (CVE-2021-42574, "Trojan Source"), and invisible characters hide differences. Each is shown as a visible symbol.
 */

/** C0, DEL, C1, soft hyphen, bidi and zero-width marks, line separators, BOM, interlinear marks, tag characters, lone surrogates. */
const UNSAFE =
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}\uD800-\uDFFF]/gu;

const KEEP_LINES =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}\uD800-\uDFFF]/gu;

function symbol(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** The text with everything that controls or deceives replaced by visible symbols: ESC becomes ␛, U+202E becomes `<U+202E>`. */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, symbol);
}

/** The same, but line feeds and tabs stay: for text of several lines whose layout is ours. */
export function visibleLines(text: string): string {
  return text.replace(KEEP_LINES, symbol);
}

/** At most `max` UTF-16 units, cut at the end with an ellipsis and never inside a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  let end = Math.max(0, max - 1);
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end--;
  return `${text.slice(0, end)}…`;
}
