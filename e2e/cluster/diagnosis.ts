import fs from 'node:fs';
import path from 'node:path';

const logLines = 15;
const eventLines = 40;

/** Runs kubectl and gives what it prints. */
type Kubectl = (...args: readonly string[]) => Promise<string>;

/**
 * What somebody needs who was not there when a wait ended in vain, as the cluster goes with the test: pods, what befell
 * them, and the ends of all logs. Never throws: an API server that is away is an answer, too.
 *
 * @param folder where machines have their logs
 */
export async function diagnosis(kubectl: Kubectl, folder: string): Promise<string> {
  const ask = async (...args: readonly string[]): Promise<string> => {
    const text = await kubectl(...args, '--request-timeout=10s').catch((error: Error) => error.message);
    return `$ kubectl ${args.join(' ')}\n${text.trimEnd()}`;
  };
  const events = await ask('get', 'events', '-A', '--sort-by=.lastTimestamp');
  return [
    await ask('get', 'nodes', '-o', 'wide'),
    await ask('get', 'pods', '-A', '-o', 'wide'),
    await ask('get', 'statefulsets,deployments,tmg', '-A'),
    lastLines(events, eventLines),
    ...logsIn(folder).map((file) => `--- ${path.relative(folder, file)}\n${endOf(file)}`),
  ].join('\n\n');
}

function logsIn(folder: string): readonly string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const isLog = (name: string): boolean =>
    name.endsWith('.log') && name.split(path.sep).length === 2 && !name.endsWith('etcd.log');
  const ofPods = names.filter((name) => /\/pods\/.*\/(monitor|operator)\/\d+\.log$/.test(name));
  return [...names.filter(isLog), ...ofPods].map((name) => path.join(folder, name));
}

function endOf(file: string): string {
  try {
    return lastLines(fs.readFileSync(file, 'utf8'), logLines);
  } catch (error) {
    return (error as Error).message;
  }
}

const lastLines = (text: string, count: number): string =>
  text.trimEnd().split('\n').slice(-count).join('\n');
