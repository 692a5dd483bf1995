import { execFileSync } from 'node:child_process';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '../tools/prometheus-operator');
const kinds = ['podmonitors', 'servicemonitors', 'prometheusrules'];

/** Files with the Prometheus operator's own definitions of these kinds, from its Go module, which `go.mod` pins. */
export function prometheusDefinitions(): readonly string[] {
  const module = 'github.com/prometheus-operator/prometheus-operator';
  const output = execFileSync('go', ['mod', 'download', '-json', module], { cwd: folder, encoding: 'utf8' });
  const { Dir: where } = JSON.parse(output) as { readonly Dir: string };
  return kinds.map((kind) =>
    path.join(where, 'example/prometheus-operator-crd', `monitoring.coreos.com_${kind}.yaml`),
  );
}
