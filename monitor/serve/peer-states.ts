import { commonDate } from './json-text.ts';
import { type Query, queryProblem, queryText } from './query.ts';
import { badRequest, json, type Reply } from './reply.ts';

const filters = ['hc', 'stats', 'wildcard', 'type', 'peers'];

/** `/publish/PeerStates` and `/publish/DistributedPeerStates` of a monitor without peers: reference 9.11. */
export function peerStates(query: Query, nowMs: number): Reply {
  const problem = queryProblem(query, filters, filters.length) ?? typeProblem(query);
  if (problem !== null) return badRequest(problem);
  return json(JSON.stringify({ pp: queryText(query), date: commonDate(nowMs), peers: {} }));
}

function typeProblem(query: Query): string | null {
  const type = query.get('type')?.[0] ?? '';
  if (type === '' || /^(edge|mid)/i.test(type)) return null;
  return `invalid query parameter type '${type}' - valid types are: {edge, mid}`;
}
