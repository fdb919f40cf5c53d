"""Losses from distributions: how surprising numbers are, and how far distributions are apart."""
import math

from .activation import softplus
from .loss import check_same, reduced
from .math import exp, square


def gaussian_nll(x, mean, ln_var, reduce='sum'):
    """Minus ln p(x) under normal distributions: (ln 2π + ln_var + (x - mean)² / e**ln_var) / 2.

    x, mean, ln_var of the same shape, else ShapeError   reduce  'sum', 'mean' or 'no'
    """
    check_same('gaussian_nll', x, mean)
    check_same('gaussian_nll', x, ln_var)
    loss = (ln_var + square(x - mean) * exp(-ln_var) + math.log(2 * math.pi)) * 0.5
    return reduced(loss, reduce, x.size)


def bernoulli_nll(x, y, reduce='sum'):
    """Minus ln p(x) of x that is 0 or 1, or between, where sigmoid(y) is the probability of a 1.

    x, y of the same shape, else ShapeError   reduce  'sum', 'mean' or 'no'
    """
    check_same('bernoulli_nll', x, y)
    return reduced(softplus(y) - x * y, reduce, x.size)


def gaussian_kl_divergence(mean, ln_var, reduce='sum'):
    """How far normal distributions are from the standard one: (mean² + e**ln_var - ln_var - 1) / 2.

    mean, ln_var of the same shape, else ShapeError   reduce  'sum', 'mean' or 'no'
    (Kingma and Welling 2013)
    """
    check_same('gaussian_kl_divergence', mean, ln_var)
    return reduced((square(mean) + exp(ln_var) - ln_var - 1) * 0.5, reduce, mean.size)


def kl_divergence(log_p, log_q, reduce='mean'):
    """How far the distributions q are from p: Σ p (ln p - ln q), 0 if they are the same.

    log_p, log_q  logarithms of probabilities, (N, C), as log_softmax gives them
    reduce  'mean': the sum divided by N; 'sum'; 'no': a number for each element
    Raises ShapeError unless the shapes are equal. (Kullback and Leibler 1951)
    """
    check_same('kl_divergence', log_p, log_q)
    return reduced(exp(log_p) * (log_p - log_q), reduce, log_p.shape[0])
