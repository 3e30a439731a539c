import { z } from 'zod';

/** Pieces that several sections of the schema are made of. */

export const secs = (description: string) => z.int().min(0).meta({ description });

export const port = (description: string) => z.int().min(1).max(65_535).meta({ description });

/** A name that stands in reports, file names and metrics' labels. */
export const shortName = (description: string, example?: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,62}$/, 'must be 1 to 63 letters, digits, dots, hyphens or underscores')
    .meta(example === undefined ? { description } : { description, example });

/** At most IFNAMSIZ - 1 characters, no slash and no blank (dev_valid_name in the kernel). */
export const interfaceName = z.string().regex(/^(?!\.{1,2}$)[^\s/:]{1,15}$/, 'must be the name of a network interface');
