import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from '../../../sim/listening.ts';
import type { KubeObject, Rest } from '../../api/rest.ts';
import type { ClusterImage } from '../proving-cluster.ts';
import { untilHolds } from '../until-holds.ts';

const name = 'probe';
const limitMs = 120_000;

/** Reached: exit status 0; else its words are what the container ends with. */
const script = (url: string): string =>
  `fetch('${url}', { signal: AbortSignal.timeout(10000) }).then((r) => process.exit(r.status === 204 ? 0 : 1), (e) => {
  require('fs').writeFileSync('/dev/termination-log', String(e.cause ?? e)); process.exit(1); });`;

interface ContainerStatus {
  readonly state: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly exitCode: number; readonly message?: string };
  };
}

/**
 * Runs a pod that asks a server on this machine, so that an image that cannot be pulled, or a firewall, is told as such.
 *
 * @throws {Error} that says which of them it is
 */
export async function probe(
  admin: Rest,
  { namespace, image, hostAddress }: { namespace: string; image: ClusterImage; hostAddress: string },
): Promise<void> {
  const server = http.createServer((_request, response) => response.writeHead(204).end());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, hostAddress, resolve);
  });
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const { port } = server.address() as AddressInfo;
  try {
    // The default account comes a moment after its namespace.
    const create = async (): Promise<boolean> => {
      await admin.create(pods, podOf(image, script(`http://${hostAddress}:${port}/`)));
      return true;
    };
    await untilHolds('a pod to be let in', create, 30_000, async () => `see namespace ${namespace}`);
    let last: ContainerStatus['state'] = {};
    const ended = async (): Promise<boolean> => {
      last = stateOf(await admin.get(`${pods}/${name}`));
      return last.terminated !== undefined;
    };
    await untilHolds(`a pod of ${image.name} to run`, ended, limitMs, async () => describeWaiting(last));
    if (last.terminated?.exitCode !== 0)
      throw new Error(
        `pods do not reach this machine at ${hostAddress}:${port}: ${last.terminated?.message ?? 'no answer'}. ` +
          'The simulated caches are here: let pods in through the firewall (TCP, any port), or set ' +
          'E2E_HOST_ADDRESS to another address of this machine',
      );
  } finally {
    await admin.delete(`${pods}/${name}`);
    await closeServer(server);
  }
}

function describeWaiting({ waiting }: ContainerStatus['state']): string {
  if (waiting === undefined) return 'no node took it';
  return `${waiting.reason ?? 'waiting'}: ${waiting.message ?? 'the nodes have to be able to pull it'}`;
}

function stateOf(pod: KubeObject | null): ContainerStatus['state'] {
  const { containerStatuses = [] } = (pod?.['status'] ?? {}) as {
    containerStatuses?: readonly ContainerStatus[];
  };
  return containerStatuses[0]?.state ?? {};
}

function podOf(image: ClusterImage, code: string): object {
  return {
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      imagePullSecrets: image.pullSecrets.map((secret) => ({ name: secret })),
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name,
          image: image.name,
          imagePullPolicy: image.pullPolicy,
          args: ['--eval', code],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}
