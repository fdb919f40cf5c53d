import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type FeedKernel, KernelFeed, TARGET } from './feed';

type Comm = ReturnType<FeedKernel['createComm']>;
type Opened = Parameters<FeedKernel['registerCommTarget']>[1];
type OnStatus = Parameters<FeedKernel['statusChanged']['connect']>[0];
type OnConnection = Parameters<FeedKernel['connectionStatusChanged']['connect']>[0];

/** A comm that remembers what was sent through it. */
function fakeComm(): Comm & { sent: unknown[] } {
  const sent: unknown[] = [];
  const comm = {
    sent,
    isDisposed: false,
    send: (data: unknown) => sent.push(data),
    onMsg: () => undefined,
    onClose: () => undefined
  };
  return comm as unknown as Comm & { sent: unknown[] };
}

/** A kernel with comms that were opened before, and the means to play what it does. */
function fakeKernel(...comms: string[]) {
  const targets = new Map<string, Opened>();
  const listeners = new Set<OnStatus>();
  const wires = new Set<OnConnection>();
  const state = { asked: 0, made: fakeComm() };
  const kernel = {
    statusChanged: {
      connect: (slot: OnStatus) => listeners.add(slot),
      disconnect: (slot: OnStatus) => listeners.delete(slot)
    },
    connectionStatusChanged: {
      connect: (slot: OnConnection) => wires.add(slot),
      disconnect: (slot: OnConnection) => wires.delete(slot)
    },
    registerCommTarget: (name: string, opened: Opened) => targets.set(name, opened),
    removeCommTarget: (name: string) => targets.delete(name),
    requestCommInfo: () => {
      state.asked += 1;
      const found = Object.fromEntries(comms.map(id => [id, { target_name: TARGET }]));
      return Promise.resolve({ content: { status: 'ok', comms: found } });
    },
    createComm: () => state.made
  } as unknown as FeedKernel;
  const open = (comm: Comm): void => {
    void targets.get(TARGET)?.(comm, {} as Parameters<Opened>[1]);
  };
  const status = (name: 'restarting' | 'dead' | 'idle'): void =>
    listeners.forEach(slot => slot(kernel as never, name));
  const connection = (name: 'connecting' | 'connected' | 'disconnected'): void =>
    wires.forEach(slot => slot(kernel as never, name));
  return { kernel, targets, listeners, wires, state, open, status, connection };
}

/** A feed and the list of what it has reported. */
function listen(): { feed: KernelFeed; log: unknown[] } {
  const log: unknown[] = [];
  const feed = new KernelFeed({
    opened: () => log.push('opened'),
    received: message => log.push(message),
    lost: reason => log.push(`lost: ${reason}`),
    connected: on => log.push(on ? 'connected' : 'cut')
  });
  return { feed, log };
}

function deliver(comm: Comm, data: unknown): void {
  void comm.onMsg({ content: { data } } as Parameters<Comm['onMsg']>[0]);
}

test('watching a kernel sends it nothing', () => {
  const { feed, log } = listen();
  const { kernel, state } = fakeKernel();
  feed.watch(kernel);
  feed.send({ t: 'sync' });
  assert.equal(state.asked, 0);
  assert.deepEqual(state.made.sent, []);
  assert.deepEqual(log, []);
});

test('a comm that the kernel opens brings its messages', () => {
  const { feed, log } = listen();
  const fake = fakeKernel();
  const comm = fakeComm();
  feed.watch(fake.kernel);
  fake.open(comm);
  deliver(comm, { t: 'note', text: 'hello' });
  feed.send({ t: 'ask', id: 1, what: 'values' });
  assert.deepEqual(log, ['opened', { t: 'note', text: 'hello' }]);
  assert.deepEqual(comm.sent, [{ t: 'ask', id: 1, what: 'values' }]);
});

test('a comm from before the page was loaded is taken up', async () => {
  const { feed, log } = listen();
  const fake = fakeKernel('older');
  feed.watch(fake.kernel);
  assert.equal(await feed.attach(), true);
  assert.equal(feed.isOpen, true);
  assert.equal(await feed.attach(), true);
  assert.equal(fake.state.asked, 1);
  assert.deepEqual(log, ['opened']);
});

test('without such a comm there is nothing to attach to', async () => {
  const { feed, log } = listen();
  feed.watch(fakeKernel().kernel);
  assert.equal(await feed.attach(), false);
  assert.deepEqual(log, []);
});

test('a restart ends what was known, and the kernel may open a comm again', () => {
  const { feed, log } = listen();
  const fake = fakeKernel();
  const before = fakeComm();
  feed.watch(fake.kernel);
  fake.open(before);
  fake.status('restarting');
  deliver(before, 'from the dead');
  fake.status('idle');
  fake.open(fakeComm());
  assert.deepEqual(log, ['opened', 'lost: restarted', 'opened']);
});

test('another kernel takes the place of the first', () => {
  const { feed, log } = listen();
  const first = fakeKernel();
  const second = fakeKernel();
  feed.watch(first.kernel);
  feed.watch(second.kernel);
  assert.equal(first.targets.size, 0);
  assert.equal(first.listeners.size, 0);
  assert.equal(second.targets.size, 1);
  assert.deepEqual(log, ['lost: gone']);
});

test('a disposed feed lets go of its kernel', () => {
  const { feed } = listen();
  const fake = fakeKernel();
  feed.watch(fake.kernel);
  feed.dispose();
  feed.watch(fake.kernel);
  assert.equal(fake.targets.size, 0);
  assert.equal(fake.listeners.size, 0);
  assert.equal(fake.wires.size, 0);
});

test('an interrupted connection is told once, and once that it is back', () => {
  const { feed, log } = listen();
  const fake = fakeKernel();
  feed.watch(fake.kernel);
  fake.connection('connecting');
  fake.connection('connected');
  fake.open(fakeComm());
  fake.connection('connecting');
  fake.connection('disconnected');
  fake.connection('connected');
  fake.connection('connecting');
  fake.status('dead');
  fake.connection('disconnected');
  assert.deepEqual(log, ['opened', 'cut', 'connected', 'cut', 'lost: gone']);
});
