/** What this browser remembers between visits. Storage may be forbidden: then it forgets, nothing more. */
export function keptText(key: string): string | null {
  try {
    return localStorage.getItem(`varde.${key}`);
  } catch {
    return null;
  }
}

export function keepText(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`varde.${key}`);
    else localStorage.setItem(`varde.${key}`, value);
  } catch {
    // Private windows may refuse: the choice then holds for this page only.
  }
}
