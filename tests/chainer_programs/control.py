"""Deep Q-learning and deep deterministic policy gradients, with a small world of their own."""
import collections
import copy

import numpy as np

import chainer
from chainer import functions as F
from chainer import links as L
from chainer import optimizers


class Cart:
    """A cart on a line that should come to the middle: (position, speed) -> push."""

    def __init__(self):
        self.random = np.random.RandomState(0)

    def reset(self):
        self.state = self.random.uniform(-1, 1, 2).astype(np.float32)
        return self.state.copy()

    def step(self, push):
        position, speed = self.state
        speed = 0.9 * speed + 0.1 * float(push)
        self.state = np.array([position + 0.1 * speed, speed], np.float32)
        return self.state.copy(), -abs(float(self.state[0])), abs(self.state[0]) > 2


class QFunction(chainer.Chain):

    def __init__(self, obs_size, n_actions, n_units=10):
        super(QFunction, self).__init__()
        with self.init_scope():
            self.l0 = L.Linear(obs_size, n_units)
            self.l1 = L.Linear(n_units, n_units)
            self.l2 = L.Linear(n_units, n_actions,
                               initialW=chainer.initializers.HeNormal(1e-3))

    def forward(self, x):
        h = F.relu(self.l0(x))
        h = F.relu(self.l1(h))
        return self.l2(h)


Transition = collections.namedtuple('Transition', 'obs action reward done next_obs')


def get_greedy_action(Q, obs):
    obs = Q.xp.asarray(obs[None], dtype=np.float32)
    with chainer.no_backprop_mode():
        q = Q(obs).array[0]
    return int(q.argmax())


def update(Q, target_Q, opt, samples, gamma=0.99):
    xp = Q.xp
    obs = xp.asarray([s.obs for s in samples], dtype=np.float32)
    action = xp.asarray([s.action for s in samples], dtype=np.int32)
    reward = xp.asarray([s.reward for s in samples], dtype=np.float32)
    done = xp.asarray([s.done for s in samples], dtype=np.float32)
    obs_next = xp.asarray([s.next_obs for s in samples], dtype=np.float32)
    y = F.select_item(Q(obs), action)
    with chainer.no_backprop_mode():
        next_q = F.select_item(target_Q(obs_next), F.argmax(Q(obs_next), axis=1))
        target = reward + gamma * (1 - done) * next_q.array
    loss = F.mean(F.huber_loss(y[:, None], target[:, None], delta=1.0))
    Q.cleargrads()
    loss.backward()
    opt.update()
    return float(loss.array)


class Policy(chainer.Chain):

    def __init__(self, obs_size, n_units=8):
        super(Policy, self).__init__()
        with self.init_scope():
            self.l0 = L.Linear(obs_size, n_units)
            self.l1 = L.Linear(n_units, 1, initialW=chainer.initializers.HeNormal(0.1))

    def forward(self, x):
        return F.tanh(self.l1(F.relu(self.l0(x))))


class Critic(chainer.Chain):

    def __init__(self, obs_size, action_size, n_units=8):
        super(Critic, self).__init__()
        with self.init_scope():
            self.l0 = L.Linear(obs_size + action_size, n_units)
            self.l1 = L.Linear(n_units, 1)

    def forward(self, obs, action):
        return self.l1(F.relu(self.l0(F.concat((obs, action), axis=1))))


def soft_copy_params(source, target, tau):
    target_params = dict(target.namedparams())
    for param_name, param in source.namedparams():
        target_params[param_name].array[:] *= 1 - tau
        target_params[param_name].array[:] += tau * param.array


def run(out):
    np.random.seed(12)
    env = Cart()
    Q = QFunction(2, 3)
    target_Q = copy.deepcopy(Q)
    opt = optimizers.Adam(eps=1e-2)
    opt.setup(Q)
    memory = collections.deque(maxlen=100)
    obs, losses = env.reset(), []
    for step in range(60):
        greedy = np.random.rand() > 0.3
        action = get_greedy_action(Q, obs) if greedy else int(np.random.randint(3))
        next_obs, reward, done = env.step(action - 1)
        memory.append(Transition(obs, action, reward * 10, done, next_obs))
        obs = env.reset() if done else next_obs
        if len(memory) >= 20 and step % 2 == 0:
            chosen = np.random.choice(len(memory), 10, replace=False)
            losses.append(update(Q, target_Q, opt, [memory[i] for i in chosen]))
        if step % 20 == 0:
            target_Q.copyparams(Q)

    policy, critic = Policy(2), Critic(2, 1)
    target_policy, target_critic = copy.deepcopy(policy), copy.deepcopy(critic)
    opt_p, opt_q = optimizers.Adam(), optimizers.Adam(alpha=0.01)
    opt_p.setup(policy)
    opt_q.setup(critic)
    critic_losses = []
    states = np.array([s.obs for s in memory], np.float32)[:16]
    following = np.array([s.next_obs for s in memory], np.float32)[:16]
    pushes = np.array([[s.action - 1] for s in memory], np.float32)[:16]
    rewards = np.array([[s.reward] for s in memory], np.float32)[:16]
    for _ in range(8):
        with chainer.no_backprop_mode():
            target = rewards + 0.9 * target_critic(following, target_policy(following)).array
        loss = F.mean_squared_error(critic(states, pushes), target)
        critic.cleargrads()
        loss.backward()
        opt_q.update()
        critic_losses.append(float(loss.array))
        loss = -F.mean(critic(states, policy(states)))
        policy.cleargrads()
        loss.backward()
        opt_p.update()
        soft_copy_params(critic, target_critic, 0.1)
        soft_copy_params(policy, target_policy, 0.1)
    return {'dqn': losses, 'ddpg': critic_losses, 'policy': policy(states).array,
            'target': target_critic.l0.W.array[:2]}
