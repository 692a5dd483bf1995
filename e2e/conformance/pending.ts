import fs from 'node:fs';
import path from 'node:path';

/** Scenario → why the monitor cannot pass it yet. */
export type Pending = ReadonlyMap<string, string>;

/** Reads the list of scenarios that wait for something that is not built yet. */
export function readPending(file: string, scenarios: readonly string[]): Pending {
  return parsePending(JSON.parse(fs.readFileSync(file, 'utf8')), scenarios, path.basename(file));
}

/** Refuses a list that names an unknown scenario or gives no reason: nothing may be left out by mistake. */
export function parsePending(document: unknown, scenarios: readonly string[], file: string): Pending {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    throw new Error(`${file} must be an object: scenario → reason`);
  }
  const pending = new Map<string, string>();
  for (const [scenario, reason] of Object.entries(document)) {
    if (!scenarios.includes(scenario)) throw new Error(`${file}: there is no scenario ${scenario}`);
    if (typeof reason !== 'string' || reason === '') throw new Error(`${file}: ${scenario} needs a reason`);
    pending.set(scenario, reason);
  }
  return pending;
}
