import type { Questions } from '../../store.ts';
import type { QuestionContext } from '../segments.ts';
import { count } from './count.ts';
import { event, lineAt } from './event.ts';
import { GroupCache } from './group-cache.ts';
import { list } from './list.ts';
import { nearest } from './nearest.ts';
import { neighbours } from './neighbours.ts';
import { quarantine, quarantined } from './quarantine.ts';
import { scan } from './scan.ts';
import { sqlQuestion } from './sql-question.ts';
import { timeline } from './timeline.ts';
import { top } from './top.ts';

/** The questions of the embedded store: one file each. */
export function createQuestions(context: QuestionContext): Questions {
  const counting = { ...context, sums: new GroupCache() };
  return {
    count: (...args) => count(counting, ...args),
    timeline: (...args) => timeline(counting, ...args),
    top: (...args) => top(counting, ...args),
    list: (...args) => list(context, ...args),
    scan: (...args) => scan(context, ...args),
    event: (...args) => event(context, ...args),
    lineAt: (...args) => lineAt(context, ...args),
    neighbours: (...args) => neighbours(context, ...args),
    nearest: (...args) => nearest(context, ...args),
    quarantine: (...args) => quarantine(context, ...args),
    quarantined: (...args) => quarantined(context, ...args),
    sql: (...args) => sqlQuestion(context, ...args),
  };
}
