/** The text with each lone surrogate as U+FFFD, which is what UTF-8 makes of it. (`String.toWellFormed` is not in the library of ES2023.) */
export function wellFormed(text: string): string {
  return /\p{Surrogate}/u.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}
