/** How to prove something on a cluster that is there already. */
export interface FoundSettings {
  /** Files, as Kubernetes' own clients read the variable. */
  readonly kubeconfig: string;
  readonly image: string;
  /** File with the logins of its registry, as docker keeps them; null: none is needed. */
  readonly pullConfig: string | null;
  /** Another build of it, for upgrades; null: there is none. */
  readonly nextImage: string | null;
  /** Where pods reach this machine; null: to be found out. */
  readonly hostAddress: string | null;
}

const example = 'registry.example.net/traffic-monitor-operator:e2e';

/** Reads them from the environment. @throws {Error} that says what to do when something is missing */
export function foundSettings(environment: Readonly<Record<string, string | undefined>>): FoundSettings {
  const { KUBECONFIG = '', E2E_IMAGE = '' } = environment;
  const optional = (name: string): string | null => environment[name] || null;
  if (KUBECONFIG === '') throw new Error('KUBECONFIG names no cluster');
  if (E2E_IMAGE === '')
    throw new Error(
      [
        `KUBECONFIG names a cluster (${KUBECONFIG}), so that operator and monitors are proven there. ` +
          'E2E_IMAGE has to name their image, in a registry that its nodes pull from:',
        `  docker build -t ${example} .  &&  docker push ${example}`,
        `  (or: buildah build -t ${example} .  &&  buildah push ${example})`,
        `  E2E_IMAGE=${example} npm run e2e`,
        'Without KUBECONFIG, three nodes are brought up on this machine instead.',
      ].join('\n'),
    );
  return {
    kubeconfig: KUBECONFIG,
    image: E2E_IMAGE,
    pullConfig: optional('E2E_PULL_CONFIG'),
    nextImage: optional('E2E_NEXT_IMAGE'),
    hostAddress: optional('E2E_HOST_ADDRESS'),
  };
}
