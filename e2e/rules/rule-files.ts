import fs from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';

const root = path.join(import.meta.dirname, '..', '..');

export const RULES_DIRECTORY = path.join(root, 'helm', 'traffic-monitor', 'rules');
export const RULE_TESTS_DIRECTORY = path.join(import.meta.dirname, 'promtool');
export const DASHBOARDS_DIRECTORY = path.join(root, 'helm', 'traffic-monitor', 'dashboards');
export const RUNBOOKS_DIRECTORY = path.join(root, 'docs', 'runbooks');

/** An alert as a rule file has it. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook: string };
}

/** One expectation of promtool's: at that time these alerts fire. */
export interface AlertExpectation {
  readonly alertname: string;
  readonly exp_alerts: readonly unknown[];
}

/** All files of this kind in a directory, by name, with their paths. */
export const filesIn = (directory: string, extension: string): string[] =>
  fs
    .readdirSync(directory)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => path.join(directory, name));

/** All alerts of all rule files. */
export function readAlerts(): Alert[] {
  return filesIn(RULES_DIRECTORY, '.yaml').flatMap((file) => {
    const document = load(fs.readFileSync(file, 'utf8')) as { groups: { rules: Alert[] }[] };
    return document.groups.flatMap(({ rules }) => rules);
  });
}

/** What promtool's test files expect, test by test, in the order of time. */
export function readExpectations(): AlertExpectation[][] {
  return filesIn(RULE_TESTS_DIRECTORY, '.yaml').flatMap((file) => {
    const document = load(fs.readFileSync(file, 'utf8')) as {
      tests: { alert_rule_test: AlertExpectation[] }[];
    };
    return document.tests.map((test) => test.alert_rule_test);
  });
}

/** The expressions of all panels of a Grafana dashboard. */
export function readDashboardQueries(file: string): { readonly panel: string; readonly expr: string }[] {
  interface Panel {
    readonly title?: string;
    readonly targets?: readonly { readonly expr?: string }[];
    readonly panels?: readonly Panel[];
  }
  const queriesOf = ({ title = '', targets = [], panels = [] }: Panel): { panel: string; expr: string }[] => [
    ...targets.flatMap(({ expr }) => (expr === undefined ? [] : [{ panel: title, expr }])),
    ...panels.flatMap(queriesOf),
  ];
  return queriesOf(JSON.parse(fs.readFileSync(file, 'utf8')) as Panel);
}
