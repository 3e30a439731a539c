import { z } from 'zod';
import { isLoopback } from '../base/loopback.ts';
import { checkReferences } from './references.ts';
import { notify } from './notify.ts';
import { secs } from './pieces.ts';
import { probes } from './probes.ts';
import { sensors } from './sensors.ts';
import { tzsp } from './tzsp.ts';

const DAY_SECS = 86_400;

/**
 * The configuration: the only truth. Types, defaults, validation, `varde.schema.json`, `docs/reference/config.md` and
 * `config/varde.example.yaml` are made from it. Names are nouns in snake_case with full units; unknown keys are errors.
 */
const fileTail = z
  .strictObject({
    type: z.literal('file_tail').meta({ description: 'Follows files on disk through every kind of rotation.' }),
    parser: z
      .enum(['suricata-eve', 'suricata-fast'])
      .meta({ description: 'Log format of the files.', example: 'suricata-eve' }),
    paths: z
      .array(z.string().min(1))
      .min(1)
      .meta({
        description:
          'Files to follow; `*`, `?` and `[...]` match within one path segment. Name rotated files too (`eve.json*`), so that the unread rest of a file rotated while Varde was stopped is found.',
        example: ['/var/log/suricata/eve.json*'],
      }),
    start: z.enum(['head', 'end']).default('head').meta({
      description:
        'Where to begin with files that are there at the very first start. Files that appear later are always read whole.',
    }),
    since_secs: secs('Files that were last changed longer ago than this are left alone. 0 takes all.').default(0),
    poll_interval_ms: z
      .int()
      .min(50)
      .max(60_000)
      .default(500)
      .meta({ description: 'How often files are looked at; change notices from the kernel only make it sooner.' }),
    max_line_bytes: z
      .int()
      .min(1024)
      .max(16 * 1024 * 1024)
      .default(16 * 1024 * 1024)
      .meta({ description: 'Longer lines are quarantined by position, without reading them into memory.' }),
  })
  .meta({ description: 'A log file (or many) that is followed.' });

const store = z
  .strictObject({
    fresh_folder: z.string().min(1).optional().meta({
      description: 'Memory-backed folder for the newest events. Default: a private folder below /dev/shm.',
      example: '/run/varde',
    }),
    flush_to_disk_secs: secs(
      'Newest events are merged onto the disk after this time at the latest. Longer spares SD cards.',
    )
      .min(1)
      .default(300),
    max_age_secs: secs(
      `Events older than this are removed, a whole segment at a time. Absent: no limit. (30 days = ${30 * DAY_SECS})`,
    )
      .min(60)
      .optional()
      .meta({ example: 90 * DAY_SECS }),
    max_bytes: z.int().min(1_000_000).optional().meta({
      description: 'Size of the store; the oldest segments are removed above it. Absent: no limit.',
      example: 20_000_000_000,
    }),
    min_free_bytes: z
      .int()
      .min(0)
      .optional()
      .meta({
        description:
          'Free disk space to keep: the oldest segments are removed below it, but never the newest day (up to a tenth of the disk), nor where ' +
          'even all of them would not be enough. Default: 5 % of the disk, at most 1 GB.',
        example: 1_000_000_000,
      }),
  })
  .prefault({})
  .meta({ description: 'The embedded store.' });

const web = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: 'Serve the page. The local socket for the command line is always there.' }),
    host: z
      .string()
      .refine(isLoopback, 'may only be loopback: 127.0.0.1, ::1 or localhost; from elsewhere use an SSH tunnel')
      .default('127.0.0.1')
      .meta({ description: 'Address to listen on. Only loopback is allowed: there are no accounts yet.' }),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(8765)
      .meta({ description: 'TCP port; 0 takes any free one and prints it.' }),
  })
  .prefault({})
  .meta({ description: 'The page.' });

const log = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .meta({ description: 'Least level that is written.' }),
  })
  .prefault({})
  .meta({ description: "Varde's own log, on standard error: one JSON object a line, or readable text on a terminal." });

export const configSchema = z
  .strictObject({
    data: z
      .string()
      .min(1)
      .default('/var/lib/varde')
      .meta({ description: 'Folder of the store. One Varde owns it at a time.' }),
    sources: z.array(fileTail).default([]).meta({ description: 'What is read.' }),
    sensors,
    probes,
    tzsp,
    notify,
    store,
    web,
    log,
  })
  .superRefine(checkReferences)
  .meta({ title: 'Varde configuration' });

export type Config = z.infer<typeof configSchema>;
export type SourceConfig = Config['sources'][number];
export type SensorConfig = Config['sensors'][number];
export type { TzspConfig } from './tzsp.ts';
export type ProbePath = Config['probes']['paths'][number];
