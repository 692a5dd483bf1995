import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { groupName, monitorName } from '../../common/ids.ts';
import { onRequest, type RunningServer, tcpServer } from '../testing/servers.ts';
import { until } from '../testing/waiting.ts';
import { type AskedGroup, type GroupAnswer, GroupPoller } from './group-poller.ts';

const manner = {
  intervalMs: 40,
  timeoutMs: 1000,
  keepAlive: true,
  accept: 'text/json',
  maxBodyBytes: 1000,
};

/** A member that answers every question with its name, until it is to fail. */
interface Member {
  readonly name: string;
  readonly server: RunningServer;
  isWell: boolean;
  asked: number;
}

async function memberOf(t: TestContext, name: string): Promise<Member> {
  const member = { name, isWell: true, asked: 0 };
  const server = await tcpServer(t, (socket) =>
    onRequest(socket, () => {
      member.asked++;
      const status = member.isWell ? '200 OK' : '503 No';
      socket.write(`HTTP/1.1 ${status}\r\nContent-Length: ${name.length}\r\n\r\n${name}`);
    }),
  );
  return Object.assign(member, { server });
}

const groupOf = (name: string, members: readonly Member[]): AskedGroup => ({
  name: groupName(name),
  members: members.map((member) => ({
    name: monitorName(member.name),
    url: `http://127.0.0.1:${member.server.port}/publish/CrStates?local`,
  })),
});

function pollerOf(
  t: TestContext,
  onAnswer: (answer: GroupAnswer) => void = () => {},
): { poller: GroupPoller; answers: GroupAnswer[] } {
  const answers: GroupAnswer[] = [];
  const poller = new GroupPoller({
    userAgent: 'traffic_monitor/1.2.3',
    seed: 'tm-1',
    onAnswer: (answer) => {
      answers.push(answer);
      onAnswer(answer);
    },
  });
  t.after(() => poller.stop());
  return { poller, answers };
}

describe('the members of another group', () => {
  it('are asked in turn', async (t) => {
    const members = [await memberOf(t, 'apac-0'), await memberOf(t, 'apac-1')];
    const { poller, answers } = pollerOf(t);
    poller.apply([groupOf('apac', members)], manner);
    await until('both have answered thrice', () => members.every(({ asked }) => asked >= 3));
    const names = answers.map(({ member }) => member);
    assert.ok(names.every((name, index) => index === 0 || name !== names[index - 1]));
    assert.deepEqual([...new Set(answers.map(({ group }) => group))], ['apac']);
  });

  it('stand in for one that fails, so that its group is not silent', async (t) => {
    const members = [await memberOf(t, 'apac-0'), await memberOf(t, 'apac-1')] as const;
    members[0].isWell = false;
    const { poller, answers } = pollerOf(t);
    poller.apply([groupOf('apac', members)], manner);
    await until('the other one has answered often', () => members[1].asked >= 10);
    assert.ok(answers.some(({ outcome }) => outcome.kind === 'failure'));
    assert.ok(answers.every(({ isGroupSilent }) => !isGroupSilent));
    assert.ok(members[0].asked < members[1].asked);
    assert.equal(poller.isAnswering(monitorName('apac-0')), false);
    assert.equal(poller.isAnswering(monitorName('apac-1')), true);
  });

  it('make a silent group when none of them answers, and are noticed when one does again', async (t) => {
    const members = [await memberOf(t, 'apac-0'), await memberOf(t, 'apac-1')] as const;
    for (const member of members) member.isWell = false;
    const { poller, answers } = pollerOf(t);
    poller.apply([groupOf('apac', members)], manner);
    await until('the group is silent', () => answers.at(-1)?.isGroupSilent === true);
    members[1].isWell = true;
    await until('it answers', () => answers.at(-1)?.outcome.kind === 'answer');
    assert.equal(answers.at(-1)?.member, 'apac-1');
  });

  it('are left alone when their group is not asked any more', async (t) => {
    const gone = await memberOf(t, 'apac-0');
    const stays = await memberOf(t, 'amer-0');
    const { poller } = pollerOf(t);
    poller.apply([groupOf('apac', [gone]), groupOf('amer', [stays])], manner);
    await until('both are asked', () => gone.asked > 0 && stays.asked > 0);
    poller.apply([groupOf('amer', [stays])], manner);
    const { asked } = gone;
    const before = stays.asked;
    await until('the other group is asked on', () => stays.asked > before + 2);
    assert.ok(gone.asked <= asked + 1);
  });

  it('are not asked in place of one whose failure has ended the questions to their group', async (t) => {
    const members = [await memberOf(t, 'apac-0'), await memberOf(t, 'apac-1')];
    for (const member of members) member.isWell = false;
    const other = await memberOf(t, 'amer-0');
    const { poller, answers } = pollerOf(t, ({ group }) => {
      if (group === 'apac') poller.apply([groupOf('amer', [other])], manner);
    });
    poller.apply([groupOf('apac', members)], manner);
    await until('the other group is asked', () => other.asked > 2);
    assert.equal(answers.filter(({ group }) => group === 'apac').length, 1);
    assert.equal(
      members.reduce((sum, { asked }) => sum + asked, 0),
      1,
    );
  });
});
