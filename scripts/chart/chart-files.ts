import { dump } from 'js-yaml';
import { operatorRules } from '../../operator/resources/operator-rules.ts';
import { readProjectFile } from '../project-files.ts';
import { valuesSchema } from './values-schema.ts';
import { valuesTable } from './values-table.ts';

const chart = 'helm/traffic-monitor';

/** The files of the chart that are made from the sources. @param definition the text of `crds/` */
export function chartFiles(definition: string): readonly (readonly [file: string, text: string])[] {
  return [
    [`${chart}/files/trafficmonitorgroups.yaml`, definition],
    [`${chart}/files/operator-rules.yaml`, operatorRole()],
    [`${chart}/values.schema.json`, `${JSON.stringify(valuesSchema(), null, 2)}\n`],
    [`${chart}/README.md`, withTable(readProjectFile(`${chart}/README.md`))],
  ];
}

function operatorRole(): string {
  return `# Made from operator/resources/operator-rules.ts by "npm run generate": change it there.\n${dump({ rules: operatorRules }, { noRefs: true, flowLevel: 3 })}`;
}

/** The page with a new table between its two marks. */
function withTable(page: string): string {
  const [begin, end] = ['<!-- values -->\n', '\n<!-- end of values -->'];
  const [before, rest = ''] = page.split(begin, 2);
  const after = rest.slice(rest.indexOf(end));
  return `${before}${begin}${valuesTable(readProjectFile(`${chart}/values.yaml`))}${after}`;
}
