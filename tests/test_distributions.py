"""Distributions: densities against formulas and integrals, samples against their moments."""
import math

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
from minichain import distributions as D
from minichain.debug import check_gradients

RNG = np.random.default_rng(0)
LOC, SCALE = RNG.standard_normal((2, 3)), RNG.uniform(0.5, 2, (2, 3))
P = RNG.uniform(0.1, 0.9, (2, 3))
SCORES = RNG.standard_normal((2, 4))


def log_p(scores):
    return scores - np.log(np.exp(scores).sum(-1, keepdims=True))


ALL = [D.Normal(LOC, SCALE), D.Uniform(low=LOC, high=LOC + SCALE), D.Bernoulli(P),
       D.Categorical(logit=SCORES)]


def support(distribution):
    """Points that cover where samples lie, and the weight of each in an integral."""
    if isinstance(distribution, D.Bernoulli):
        return np.arange(2.0), 1
    if isinstance(distribution, D.Categorical):
        return np.arange(4), 1
    return np.linspace(-20, 20, 40_001) + 0.0005, 0.001


def integral(distribution, f):
    """The mean of f(x) over the distribution, by adding up small pieces."""
    points, width = support(distribution)
    x = points.reshape(-1, *[1] * len(distribution.batch_shape))
    x = np.broadcast_to(x, (len(points), *distribution.batch_shape))
    return (distribution.prob(x).data * f(x) * width).sum(0)


@pytest.mark.parametrize('d', ALL, ids=lambda d: type(d).__name__)
def test_densities_add_up_to_one_and_give_mean_variance_and_entropy(d):
    np.testing.assert_allclose(integral(d, np.ones_like), 1, atol=2e-3)
    x_log_p = integral(d, lambda x: np.where(d.prob(x).data > 0, -d.log_prob(x).data, 0))
    np.testing.assert_allclose(d.entropy.data, x_log_p, atol=5e-3)
    if not isinstance(d, D.Categorical):
        np.testing.assert_allclose(d.mean.data, integral(d, lambda x: x), atol=2e-3)
        expected = integral(d, lambda x: (x - d.mean.data) ** 2)
        np.testing.assert_allclose(d.variance.data, expected, atol=2e-3)
        np.testing.assert_allclose(d.stddev.data ** 2, d.variance.data)


@pytest.mark.parametrize('d', ALL, ids=lambda d: type(d).__name__)
def test_samples_are_spread_as_the_density_says(d):
    mc.set_seed(0)
    x = d.sample(20_000)
    assert x.shape == (20_000, *d.batch_shape)
    if isinstance(d, D.Categorical):
        assert x.dtype == 'int32'
        shares = (x.data[..., None] == np.arange(4)).mean(0)
        np.testing.assert_allclose(shares, d.p.data, atol=0.02)
    else:
        np.testing.assert_allclose(x.data.mean(0), d.mean.data, atol=0.05)
        np.testing.assert_allclose(x.data.std(0), d.stddev.data, atol=0.05)
    assert d.sample().shape == d.batch_shape and d.sample((2, 1)).shape == (2, 1, *d.batch_shape)


@pytest.mark.parametrize('make, args', [
    (lambda a, b: D.Normal(a, F.exp(b)), (LOC, P)), (lambda a, b: D.Normal(a, log_scale=b),
                                                     (LOC, P)),
    (lambda a, b: D.Uniform(low=a, high=a + F.exp(b)), (LOC, P)),
    (lambda a, b: D.Uniform(loc=a, scale=b + 1), (LOC, P))])
def test_gradients_flow_through_samples_densities_and_divergences(make, args):
    def sample(a, b):
        mc.set_seed(3)
        return make(a, b).sample(2)

    check_gradients(sample, args, order=2)
    check_gradients(lambda a, b: make(a, b).log_prob(LOC + 0.1), args, order=2)
    check_gradients(lambda a, b: make(a, b).entropy, args, order=2)
    if isinstance(make(*map(mc.Variable, args)), D.Normal):
        check_gradients(lambda a, b: D.kl_divergence(make(a, b), make(b, a)), args, order=2)


def test_the_gradients_of_discrete_densities():
    yes = np.array([[1.0, 0, 1], [0, 0, 1]])
    check_gradients(lambda p: D.Bernoulli(p).log_prob(yes), [P], order=2)
    check_gradients(lambda s: D.Bernoulli(logit=s).entropy, [LOC], order=2)
    check_gradients(lambda s: D.Categorical(logit=s).log_prob(np.array([3, 0])), [SCORES], order=2)
    check_gradients(lambda s: D.Categorical(logit=s).entropy, [SCORES], order=2)


OTHER = {D.Normal: D.Normal(LOC + 0.3, SCALE * 1.2), D.Bernoulli: D.Bernoulli(P * 0.9),
         D.Uniform: D.Uniform(low=LOC - 1, high=LOC + SCALE + 0.5),
         D.Categorical: D.Categorical(logit=SCORES[:, ::-1].copy())}


@pytest.mark.parametrize('p', ALL, ids=lambda d: type(d).__name__)
def test_divergences_are_the_mean_of_the_difference_of_the_logarithms(p):
    q = OTHER[type(p)]

    def difference(x):
        with np.errstate(invalid='ignore'):
            return np.where(p.prob(x).data > 0, p.log_prob(x).data - q.log_prob(x).data, 0)

    np.testing.assert_allclose(D.kl_divergence(p, q).data, integral(p, difference), atol=5e-3)
    np.testing.assert_allclose(D.kl_divergence(p, p).data, 0, atol=1e-12)


def test_a_uniform_distribution_that_reaches_further_is_infinitely_far():
    low = np.zeros(2)
    narrow, wide = D.Uniform(low=low, high=1), D.Uniform(low=low, high=np.array([0.5, 2]))
    np.testing.assert_array_equal(D.kl_divergence(narrow, wide).data, [math.inf, np.log(2)])


@pytest.mark.parametrize('d', ALL[:2], ids=lambda d: type(d).__name__)
def test_a_cdf_is_the_integral_of_the_density(d):
    below = integral(d, lambda x: x < 0.3)
    np.testing.assert_allclose(d.cdf(np.full((2, 3), 0.3)).data, below, atol=2e-3)


def test_independent_numbers_are_one_event():
    d = D.Independent(D.Normal(LOC, SCALE))
    assert (d.batch_shape, d.event_shape, repr(d)) == ((2,), (3,),
                                                       'Independent(batch (2,), events (3,))')
    one = D.Normal(LOC, SCALE)
    np.testing.assert_allclose(d.log_prob(LOC + 1).data, one.log_prob(LOC + 1).data.sum(1))
    np.testing.assert_allclose(d.entropy.data, one.entropy.data.sum(1))
    far = D.Independent(OTHER[D.Normal])
    np.testing.assert_allclose(D.kl_divergence(d, far).data,
                               D.kl_divergence(one, OTHER[D.Normal]).data.sum(1))
    assert d.sample(5).shape == (5, 2, 3)
    with pytest.raises(mc.ShapeError) as caught:
        D.Independent(one, 3)
    assert str(caught.value) == ('Independent: 3 axes are wanted, but the batch has the shape '
                                 '(2, 3).')


def test_a_divergence_of_a_variational_autoencoder_is_that_of_the_loss():
    ln_var = np.log(SCALE ** 2)
    found = D.kl_divergence(D.Normal(LOC, log_scale=ln_var / 2), D.Normal(np.zeros((2, 3)), 1.0))
    expected = F.gaussian_kl_divergence(mc.Variable(LOC), mc.Variable(ln_var), reduce='no')
    np.testing.assert_allclose(found.data, expected.data)


def test_what_is_missing_is_said_in_words():
    with pytest.raises(TypeError, match='Normal takes either scale or log_scale, but got neither.'):
        D.Normal(LOC)
    with pytest.raises(TypeError, match='Bernoulli takes either p or logit, but got p and logit.'):
        D.Bernoulli(P, P)
    with pytest.raises(TypeError, match='Uniform takes low and high, or loc and scale.'):
        D.Uniform(low=LOC, scale=1)
    with pytest.raises(NotImplementedError, match='knows no formula for Normal and Uniform'):
        D.kl_divergence(*ALL[:2])


def test_a_formula_can_be_added(monkeypatch):
    monkeypatch.setattr(D, 'DIVERGENCES', dict(D.DIVERGENCES))

    @D.register_kl(D.Normal, D.Uniform)
    def mine(p, q):
        return 'mine'

    assert D.kl_divergence(*ALL[:2]) == 'mine' == mine(*ALL[:2])


def test_samples_and_densities_live_on_the_device_of_the_parameters(device):
    loc, scale, p = (mc.to_device(x.astype('float32'), device) for x in (LOC, SCALE, P))
    for d in (D.Normal(loc, scale), D.Uniform(low=loc, high=1.0), D.Bernoulli(p)):
        x = d.sample(4)
        assert x.dtype == 'float32' and x.device == device == d.log_prob(x).device
