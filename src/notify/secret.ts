import { readFile } from 'node:fs/promises';
import { systemCode } from '../base/errors.ts';

/** The first line of a file with a password or token; read at each use, so that a changed one counts at once. @throws Error without the secret */
export async function secret(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`${path} cannot be read: ${systemCode(error)}`, { cause: error });
  }
  const line = text.split(/\r?\n/, 1)[0]!.trim();
  if (line === '') throw new Error(`${path} is empty`);
  return line;
}
