import { z } from 'zod';
import { interfaceName, shortName } from './pieces.ts';

const sensor = z
  .strictObject({
    name: shortName('Name of the sensor.', 'sensor').default('sensor'),
    sources: z
      .array(z.union([z.int().min(0), z.string().min(1)]))
      .optional()
      .meta({
        description:
          'Sources that carry its log: places in the list `sources` (from 0), or one of their `paths`. Absent: all that are read as suricata-eve.',
        example: [0],
      }),
    command_socket: z.string().regex(/^\//, 'must be an absolute path').optional().meta({
      description:
        "Suricata's command socket, for what no log tells: hung or stopped, rules failed, last reload. Absent: not asked.",
      example: '/var/run/suricata-command.socket',
    }),
    interface: interfaceName.optional().meta({
      description:
        'Interface that Suricata captures on, where it is on this machine: its link and counters tell a cut mirror.',
      example: 'eth1',
    }),
  })
  .meta({ description: 'One Suricata.' });

export const sensors = z
  .array(sensor)
  .max(1000)
  .default([])
  .meta({ description: 'The sensors whose health is watched. Empty: one, named `sensor`, that writes all sources.' });
