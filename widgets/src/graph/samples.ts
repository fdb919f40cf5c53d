/** Made-up graphs in the wire's JSON for tests and for looking at the scene. */

type Json = Record<string, unknown>;

export class Sample {
  readonly scopes: Json[] = [];
  readonly nodes: Json[] = [];
  readonly backward: Json[] = [];
  private last = 0;
  private readonly open: number[] = [];
  private readonly called = new Map<string, number>();

  scope<T>(path: string, link: string, body: () => T): T {
    const call = (this.called.get(path) ?? 0) + 1;
    this.called.set(path, call);
    const id = ++this.last;
    this.scopes.push({ id, parent: this.open.at(-1) ?? null, path, link, call });
    this.open.push(id);
    const result = body();
    this.open.pop();
    return result;
  }

  leaf(kind: string, label: string, shape: number[], more: Json = {}): number {
    return this.push(kind, label, label, [], shape, more);
  }

  apply(label: string, symbol: string, inputs: number[], shape: number[], more: Json = {}): number {
    const edges = inputs.map(source => [source, 0, true]);
    return this.push('function', label, symbol, edges, shape, { keeps: ['x'], ...more });
  }

  /** Gradients for all functions in reverse, and for the parameters where they end. */
  lightAll(): void {
    const ids = this.nodes.filter(node => node['kind'] !== 'data').map(node => Number(node['id']));
    ids.reverse().forEach((id, index) => {
      this.backward.push({ id, norm: 2 * Math.pow(0.82, index % 48), nan: 0 });
    });
  }

  graph(title: string | null = null): Json {
    return {
      format: 'minichain-graph',
      version: 1,
      title,
      scopes: this.scopes,
      nodes: this.nodes,
      backward: this.backward,
      truncated: 0
    };
  }

  private push(
    kind: string,
    label: string,
    symbol: string,
    inputs: unknown[],
    shape: number[],
    more: Json
  ): number {
    const id = ++this.last;
    const size = shape.reduce((all, length) => all * length, 1);
    this.nodes.push({
      id,
      kind,
      label,
      symbol,
      scope: this.open.at(-1) ?? null,
      inputs,
      shapes: [shape],
      dtypes: ['float32'],
      device: 'cpu',
      bytes_kept: kind === 'function' ? 4 * size : 0,
      keeps: [],
      macs: kind === 'function' ? 10 * size : 0,
      seconds: kind === 'function' ? 0.00002 : 0,
      where: null,
      stats: [{ min: -2.1, max: 2.4, mean: 0.03, std: 0.98, nan: 0, inf: 0 }],
      values: shape.length === 0 ? '0.693' : size <= 4 ? '[0.5, -1.2, 0.1]' : null,
      ...more
    });
    return id;
  }
}

const at = (line: number, code: string): Json => ({ where: { file: 'cell [3]', line, code } });

export function mlp(): Sample {
  const it = new Sample();
  const loss = it.scope('', 'MLP', () => {
    let h = it.leaf('data', 'x', [64, 784]);
    for (const [path, size, from] of [
      ['l1', 128, 784],
      ['l2', 64, 128],
      ['l3', 10, 64]
    ] as const) {
      h = it.scope(path, 'Linear', () => {
        const W = it.leaf('parameter', `${path}/W`, [size, from]);
        const b = it.leaf('parameter', `${path}/b`, [size]);
        return it.apply('linear', '@', [h, W, b], [64, size], at(7, `h = self.${path}(h)`));
      });
      if (path !== 'l3') h = it.apply('relu', 'relu', [h], [64, size], { keeps: ['y'] });
    }
    return h;
  });
  const t = it.leaf('data', 't', [64], { dtypes: ['int64'] });
  it.apply('softmax_cross_entropy', 'CE', [loss, t], [], at(9, 'loss = F.softmax_cross_entropy'));
  return it;
}

export function cnn(): Sample {
  const it = new Sample();
  const size = (n: number, side: number): number[] => [32, n, side, side];
  const y = it.scope('', 'ResNet', () => {
    const conv = (path: string, h: number, shape: number[], from: number): number =>
      it.scope(path, 'Conv2d', () => {
        const W = it.leaf('parameter', `${path}/W`, [shape[1] ?? 1, from, 3, 3]);
        const b = it.leaf('parameter', `${path}/b`, [shape[1] ?? 1]);
        return it.apply('conv2d', 'conv', [h, W, b], shape, { macs: 5_419_008 });
      });
    const norm = (path: string, h: number, shape: number[]): number =>
      it.scope(path, 'BatchNorm', () => {
        const gamma = it.leaf('parameter', `${path}/gamma`, [shape[1] ?? 1]);
        const beta = it.leaf('parameter', `${path}/beta`, [shape[1] ?? 1]);
        return it.apply('batch_norm', 'BN', [h, gamma, beta], shape);
      });
    let h = it.leaf('data', 'x', [32, 1, 28, 28]);
    h = conv('conv1', h, size(16, 28), 1);
    h = it.apply('relu', 'relu', [norm('bn1', h, size(16, 28))], size(16, 28), { keeps: ['y'] });
    h = it.apply('max_pool2d', 'max', [h], size(16, 14));
    for (const name of ['block1', 'block2']) {
      h = it.scope(name, 'ResBlock', () => {
        let r = conv(`${name}/conv1`, h, size(16, 14), 16);
        r = it.apply('relu', 'relu', [norm(`${name}/bn1`, r, size(16, 14))], size(16, 14));
        r = conv(`${name}/conv2`, r, size(16, 14), 16);
        const sum = it.apply('add', '+', [norm(`${name}/bn2`, r, size(16, 14)), h], size(16, 14));
        return it.apply('relu', 'relu', [sum], size(16, 14), { keeps: ['y'] });
      });
    }
    h = it.apply('avg_pool2d', 'avg', [h], size(16, 1), { bytes_kept: 0 });
    h = it.apply('flatten', 'flatten', [h], [32, 16], { bytes_kept: 0 });
    return it.scope('fc', 'Linear', () => {
      const W = it.leaf('parameter', 'fc/W', [10, 16]);
      const b = it.leaf('parameter', 'fc/b', [10]);
      return it.apply('linear', '@', [h, W, b], [32, 10]);
    });
  });
  const t = it.leaf('data', 't', [32], { dtypes: ['int64'] });
  it.apply('softmax_cross_entropy', 'CE', [y, t], []);
  return it;
}

/** A language model: embed, lstm and linear once a step, losses added up by the loop. */
export function lstm(steps: number): Sample {
  const it = new Sample();
  const weights = new Map<string, number>();
  const weight = (name: string, shape: number[]): number => {
    const known = weights.get(name);
    if (known !== undefined) return known;
    const id = it.leaf('parameter', name, shape);
    weights.set(name, id);
    return id;
  };
  let h: number | null = null;
  let c: number | null = null;
  let loss: number | null = null;
  for (let step = 0; step < steps; step += 1) {
    const x = it.leaf('data', `x_${step}`, [20], { dtypes: ['int64'] });
    const e = it.scope('embed', 'EmbedID', () =>
      it.apply('embed_id', 'embed', [x, weight('embed/W', [1000, 50])], [20, 50])
    );
    const state: number = it.scope('lstm', 'LSTM', () => {
      const up = it.apply('linear', '@', [e, weight('lstm/W', [400, 50])], [20, 400]);
      if (h === null || c === null) {
        c = it.leaf('data', '', [20, 100]);
        return it.apply('lstm', 'lstm', [c, up], [20, 100]);
      }
      const side = it.apply('linear', '@', [h, weight('lstm/U', [400, 100])], [20, 400]);
      const sum = it.apply('add', '+', [up, side], [20, 400], { bytes_kept: 0 });
      return it.apply('lstm', 'lstm', [c, sum], [20, 100]);
    });
    h = c = state;
    const y = it.scope('out', 'Linear', () => {
      const W = weight('out/W', [1000, 100]);
      return it.apply('linear', '@', [state, W, weight('out/b', [1000])], [20, 1000]);
    });
    const t = it.leaf('data', `t_${step}`, [20], { dtypes: ['int64'] });
    const code = at(12, 'loss = loss + F.softmax_cross_entropy(y, t)');
    const now = it.apply('softmax_cross_entropy', 'CE', [y, t], [], code);
    loss = loss === null ? now : it.apply('add', '+', [loss, now], [], code);
  }
  return it;
}

/** Two towers of layers that meet at the end. */
export function towers(height: number): Sample {
  const it = new Sample();
  const ends = ['left', 'right'].map(name =>
    it.scope(name, 'Tower', () => {
      let h = it.leaf('data', name, [8, 4]);
      for (let level = 0; level < height; level += 1) {
        const W = it.leaf('parameter', `${name}/W${level}`, [4, 4]);
        h = it.apply('tanh', 'tanh', [it.apply('linear', '@', [h, W], [8, 4])], [8, 4]);
      }
      return h;
    })
  );
  it.apply('mul', '\u00d7', ends, [8, 4]);
  return it;
}

/** A chain of operations without scopes, every one on its own line. */
export function chain(length: number): Sample {
  const it = new Sample();
  let h = it.leaf('variable', 'x', [3]);
  const names = ['sin', 'exp', 'tanh', 'square', 'sqrt'] as const;
  for (let step = 0; step < length; step += 1) {
    const name = names[step % names.length] ?? 'sin';
    const line = at(step + 1, `h = F.${name}(h)`);
    h = it.apply(name, name, [h], [3], line);
    if (step % 7 === 6)
      h = it.apply('mul', '\u00d7', [h, it.leaf('variable', 'a', [3])], [3], line);
  }
  return it;
}

/** The messages of a whole run, `size` nodes a batch. */
export function messages(sample: Sample, run: number, size: number, backward = true): Json[] {
  const out: Json[] = [{ t: 'begin', run, title: null }];
  const empty = { scopes: [], nodes: [], backward: [], released: [], updates: [], truncated: 0 };
  let seq = 0;
  for (let from = 0; from < sample.nodes.length; from += size) {
    const scopes = from === 0 ? sample.scopes : [];
    const nodes = sample.nodes.slice(from, from + size);
    out.push({ t: 'batch', run, seq: seq++, ...empty, scopes, nodes, phase: 'forward' });
  }
  if (backward) sample.lightAll();
  for (let from = 0; from < sample.backward.length; from += size) {
    const part = sample.backward.slice(from, from + size);
    out.push({ t: 'batch', run, seq: seq++, ...empty, backward: part, phase: 'backward' });
  }
  if (backward) {
    const updates = sample.nodes.filter(n => n['kind'] === 'parameter').map(n => n['id']);
    out.push({ t: 'batch', run, seq: seq++, ...empty, updates, phase: 'update' });
  }
  out.push({ t: 'batch', run, seq, ...empty, phase: 'idle' });
  return out;
}
